"""Objects lie sealed on the disk: what was put is in no file of the data folder, and without the master key nothing opens."""

import subprocess

WORDS = b"kestrel-eggs-are-nobodys-business "
PART = 5 << 20


def test_nothing_that_was_put_is_on_the_disk_and_it_is_all_there_again(cairn, tmp_path):
    s3 = cairn.client("s3")
    s3.create_bucket(Bucket="sealed")
    bodies = {"few": WORDS * 3, "some": WORDS * 200, "many": WORDS * 40_000, "none": b""}
    for key, body in bodies.items():
        assert s3.put_object(Bucket="sealed", Key=key, Body=body)["ServerSideEncryption"] == "AES256"
    s3.put_object(Bucket="sealed", Key="asked", Body=WORDS, ServerSideEncryption="AES256")
    s3.copy_object(Bucket="sealed", Key="copy", CopySource="sealed/many")
    upload = s3.create_multipart_upload(Bucket="sealed", Key="parts")
    assert upload["ServerSideEncryption"] == "AES256"
    whole = (WORDS * (PART // len(WORDS) + 1))[:PART]
    parts = []
    for number, body in enumerate([whole, WORDS], 1):
        part = s3.upload_part(Bucket="sealed", Key="parts", UploadId=upload["UploadId"], PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    done = s3.complete_multipart_upload(Bucket="sealed", Key="parts", UploadId=upload["UploadId"], MultipartUpload={"Parts": parts})
    assert done["ServerSideEncryption"] == "AES256"
    cairn.stop()

    files = [file for file in cairn.folder.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) > PART
    assert [file for file in files if WORDS in file.read_bytes()] == []

    cairn.start()
    s3 = cairn.client("s3")
    for key, body in bodies.items() | {("asked", WORDS), ("copy", bodies["many"]), ("parts", whole + WORDS)}:
        answer = s3.get_object(Bucket="sealed", Key=key)
        assert answer["Body"].read() == body, key
        assert answer["ServerSideEncryption"] == "AES256"
    across = s3.get_object(Bucket="sealed", Key="parts", Range=f"bytes={PART - 70_000}-{PART + 4}")
    assert across["Body"].read() == (whole + WORDS)[PART - 70_000 : PART + 5]

    cairn.stop()
    (cairn.data / "master.key").rename(tmp_path / "elsewhere")
    refused = subprocess.run([cairn.binary, "serve", "--data", str(cairn.data), "--listen", "127.0.0.1:0"], capture_output=True, text=True, timeout=60)
    assert refused.returncode != 0 and "master key" in refused.stderr
