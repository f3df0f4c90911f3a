"""Keys that sign, make MACs and encrypt by RSA: what boto3 gets from them, python's cryptography believes."""

import base64
import hashlib
import hmac
import json

import pytest
from cairn import Cairn, code_of
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from test_kms import CONFIG, OWLS, SECRET, records_of

HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
CURVES = {"ECC_NIST_P256": (ec.SECP256R1, "256"), "ECC_NIST_P384": (ec.SECP384R1, "384"), "ECC_NIST_P521": (ec.SECP521R1, "512"),
          "ECC_SECG_P256K1": (ec.SECP256K1, "256")}


@pytest.fixture(scope="module")
def cairn(binary, tmp_path_factory):
    with Cairn(binary, tmp_path_factory.mktemp("kms-pairs"), CONFIG) as running:
        yield running


@pytest.fixture(scope="module")
def kms(cairn):
    return cairn.client("kms")


def make(kms, spec, usage):
    return kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]


def public(kms, key):
    return serialization.load_der_public_key(kms.get_public_key(KeyId=key["KeyId"])["PublicKey"])


def check(loaded, algorithm, signature, message):
    """With the public key alone, as one who was sent it would. `message`: its digest."""
    chosen = HASHES[algorithm[-3:]]()
    if algorithm.startswith("ECDSA"):
        return loaded.verify(signature, message, ec.ECDSA(Prehashed(chosen)))
    padded = padding.PSS(padding.MGF1(chosen), salt_length=chosen.digest_size) if "PSS" in algorithm else padding.PKCS1v15()
    return loaded.verify(signature, message, padded, Prehashed(chosen))


@pytest.mark.parametrize("spec", [*CURVES, "RSA_2048", "RSA_3072", "RSA_4096"])
def test_what_is_signed_verifies_with_the_public_key(kms, spec):
    key = make(kms, spec, "SIGN_VERIFY")
    loaded = public(kms, key)
    if spec in CURVES:
        assert isinstance(loaded.curve, CURVES[spec][0])
        assert key["SigningAlgorithms"] == [f"ECDSA_SHA_{CURVES[spec][1]}"]
    else:
        assert loaded.key_size == int(spec[4:]) and len(key["SigningAlgorithms"]) == 6
    for algorithm in key["SigningAlgorithms"]:
        digest = hashlib.new(f"sha{algorithm[-3:]}", SECRET).digest()
        for kind, message in (("RAW", SECRET), ("DIGEST", digest)):
            how = {"KeyId": key["KeyId"], "Message": message, "MessageType": kind, "SigningAlgorithm": algorithm}
            made = kms.sign(**how)
            assert (made["KeyId"], made["SigningAlgorithm"]) == (key["Arn"], algorithm)
            check(loaded, algorithm, made["Signature"], digest)
            assert kms.verify(**how, Signature=made["Signature"])["SignatureValid"] is True
            with pytest.raises(InvalidSignature):
                check(loaded, algorithm, made["Signature"], digest[::-1])
        wrong = {**how, "Message": digest[::-1]}
        assert code_of(kms.verify, **wrong, Signature=made["Signature"]) == "KMSInvalidSignatureException"


@pytest.mark.parametrize("bits", ["224", "256", "384", "512"])
def test_macs_are_those_of_any_other_library(kms, bits):
    key = make(kms, f"HMAC_{bits}", "GENERATE_VERIFY_MAC")
    assert key["MacAlgorithms"] == [f"HMAC_SHA_{bits}"]
    how = {"KeyId": key["KeyId"], "Message": SECRET, "MacAlgorithm": f"HMAC_SHA_{bits}"}
    made = kms.generate_mac(**how)
    assert len(made["Mac"]) == int(bits) // 8 and made["KeyId"] == key["Arn"]
    assert kms.verify_mac(**how, Mac=made["Mac"])["MacValid"] is True
    other = hmac.new(b"another key", SECRET, f"sha{bits}").digest()
    assert code_of(kms.verify_mac, **how, Mac=other) == "KMSInvalidMacException"
    assert code_of(kms.get_public_key, KeyId=key["KeyId"]) == "UnsupportedOperationException"


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
def test_who_has_the_public_key_encrypts_for_the_private_one(kms, spec):
    key = make(kms, spec, "ENCRYPT_DECRYPT")
    assert key["EncryptionAlgorithms"] == ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]
    loaded = public(kms, key)
    for algorithm, chosen in (("RSAES_OAEP_SHA_1", hashes.SHA1()), ("RSAES_OAEP_SHA_256", hashes.SHA256())):
        oaep = padding.OAEP(padding.MGF1(chosen), chosen, None)
        how = {"KeyId": key["KeyId"], "EncryptionAlgorithm": algorithm}
        assert kms.decrypt(**how, CiphertextBlob=loaded.encrypt(SECRET, oaep))["Plaintext"] == SECRET
        made = kms.encrypt(**how, Plaintext=SECRET)
        assert made["EncryptionAlgorithm"] == algorithm
        assert kms.decrypt(**how, CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == SECRET
        most = int(spec[4:]) // 8 - 2 * chosen.digest_size - 2
        assert code_of(kms.encrypt, **how, Plaintext=b"x" * (most + 1)) == "ValidationException"
        assert len(kms.encrypt(**how, Plaintext=b"x" * most)["CiphertextBlob"]) == int(spec[4:]) // 8
        other = kms.create_key()["KeyMetadata"]["KeyId"]
        moved = kms.re_encrypt(CiphertextBlob=made["CiphertextBlob"], SourceKeyId=key["KeyId"], SourceEncryptionAlgorithm=algorithm, DestinationKeyId=other)
        assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == SECRET
    assert code_of(kms.encrypt, KeyId=key["KeyId"], Plaintext=SECRET) == "InvalidKeyUsageException"


def test_data_key_pairs(kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    for spec in (*CURVES, "RSA_2048"):
        made = kms.generate_data_key_pair(KeyId=key, KeyPairSpec=spec, EncryptionContext=OWLS)
        private = serialization.load_der_private_key(made["PrivateKeyPlaintext"], None)
        form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        assert private.public_key().public_bytes(*form) == made["PublicKey"]
        assert kms.decrypt(CiphertextBlob=made["PrivateKeyCiphertextBlob"], EncryptionContext=OWLS)["Plaintext"] == made["PrivateKeyPlaintext"]
    assert "PrivateKeyPlaintext" not in kms.generate_data_key_pair_without_plaintext(KeyId=key, KeyPairSpec="ECC_NIST_P256")


def test_a_key_is_for_one_thing_and_outlives_a_kill(cairn, kms):
    key = make(kms, "ECC_NIST_P256", "SIGN_VERIFY")
    how = {"KeyId": key["KeyId"], "Message": SECRET, "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = kms.sign(**how)["Signature"]
    for call, arguments in ((kms.encrypt, {"Plaintext": b"x"}), (kms.generate_data_key, {"KeySpec": "AES_256"}),
                            (kms.generate_mac, {"Message": b"x", "MacAlgorithm": "HMAC_SHA_256"})):
        assert code_of(call, KeyId=key["KeyId"], **arguments) == "InvalidKeyUsageException"
    assert code_of(kms.enable_key_rotation, KeyId=key["KeyId"]) == "UnsupportedOperationException"
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is False
    s3 = cairn.client("s3")
    s3.create_bucket(Bucket="of-pairs")
    assert code_of(s3.put_object, Bucket="of-pairs", Key="a", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key["Arn"]) == "KMS.InvalidKeyUsageException"
    cairn.kill()
    cairn.start()
    assert cairn.client("kms").verify(**how, Signature=signature)["SignatureValid"] is True
    assert public(cairn.client("kms"), key).verify(signature, SECRET, ec.ECDSA(hashes.SHA256())) is None


def test_the_trail_says_who_signed_with_what_and_not_what(cairn):
    kms = cairn.client("kms")
    key, mac = make(kms, "ECC_NIST_P256", "SIGN_VERIFY"), make(kms, "HMAC_256", "GENERATE_VERIFY_MAC")
    how = {"KeyId": key["KeyId"], "Message": SECRET, "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = kms.sign(**how)["Signature"]
    kms.verify(**how, Signature=signature)
    kms.get_public_key(KeyId=key["Arn"])
    made = kms.generate_mac(KeyId=mac["KeyId"], Message=SECRET, MacAlgorithm="HMAC_SHA_256")["Mac"]
    plain = kms.create_key()["KeyMetadata"]
    pair = kms.generate_data_key_pair(KeyId=plain["KeyId"], KeyPairSpec="ECC_NIST_P256", EncryptionContext=OWLS)
    record = records_of(cairn, "GenerateDataKeyPair", plain["Arn"])[0]
    assert record["requestParameters"] == {"keyId": plain["KeyId"], "keyPairSpec": "ECC_NIST_P256", "encryptionContext": OWLS}
    assert record["responseElements"] is None and record["additionalEventData"] == {"keyMaterialId": pair["KeyMaterialId"]}
    for name in ("Sign", "Verify"):
        record = records_of(cairn, name, key["Arn"])[0]
        assert record["requestParameters"] == {"keyId": key["KeyId"], "messageType": "RAW", "signingAlgorithm": "ECDSA_SHA_256"}
        assert record["responseElements"] is None and record["readOnly"] is True and record["managementEvent"] is True
    assert records_of(cairn, "GetPublicKey", key["Arn"])[0]["requestParameters"] == {"keyId": key["Arn"]}
    assert records_of(cairn, "GenerateMac", mac["Arn"])[0]["requestParameters"] == {"keyId": mac["KeyId"], "macAlgorithm": "HMAC_SHA_256"}
    everything = json.dumps(cairn.lookup_all(), default=str) + cairn.log.read_text()
    for secret in (SECRET, signature, made, pair["PrivateKeyPlaintext"], pair["PrivateKeyCiphertextBlob"]):
        assert base64.b64encode(secret).decode() not in everything
