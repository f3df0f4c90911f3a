// Hashes against published vectors, identifiers, sealing, and the master key's file.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "crypto/aes_gcm.h"
#include "crypto/hash.h"
#include "crypto/master_key.h"
#include "crypto/random.h"
#include "crypto/sealer.h"
#include "crypto/secret.h"

namespace cairn::crypto {
namespace {

using testing::HasSubstr;

std::string hex(ByteView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const std::byte b : bytes.bytes()) {
    out += kDigits[std::to_integer<unsigned>(b >> 4)];
    out += kDigits[std::to_integer<unsigned>(b & std::byte{15})];
  }
  return out;
}

struct HashCase {
  std::string text;
  std::string_view md5, sha1, sha256;
};

// FIPS 180-4's and RFC 1321's examples.
const HashCase kHashes[] = {
    {"", "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "900150983cd24fb0d6963f7d28e17f72", "a9993e364706816aba3e25717850c26c9cd0d89d",
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {std::string(1'000'000, 'a'), "7707d6ae4e027c70eea2a935c2296f21",
     "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

TEST(Hash, published_vectors) {
  for (const auto& c : kHashes) {
    EXPECT_EQ(hex(md5(c.text)), c.md5);
    EXPECT_EQ(hex(sha1(c.text)), c.sha1);
    EXPECT_EQ(hex(sha256(c.text)), c.sha256);
  }
  EXPECT_EQ(hex(sha512("abc")),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(Hash, pieces_give_the_whole_and_finish_starts_over) {
  Sha256 hasher;
  for (int round = 0; round < 2; ++round) {
    for (const auto& c : kHashes) {
      for (std::size_t at = 0; at < c.text.size(); at += 77'777) {
        hasher.add(std::string_view(c.text).substr(at, 77'777));
      }
      EXPECT_EQ(hasher.finish(), sha256(c.text));
    }
  }
}

// RFC 4231.
TEST(Hash, hmac_sha256) {
  EXPECT_EQ(hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(
      hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hash, threads_do_not_share_contexts) {
  std::vector<std::jthread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&wrong] {
      for (int i = 0; i < 2'000; ++i) {
        wrong += hex(sha256("abc")) == kHashes[1].sha256 ? 0 : 1;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

TEST(Secret, wipes_and_compares) {
  Secret a("hush");
  const std::byte* where = a.bytes().data();
  Secret moved = std::move(a);
  EXPECT_EQ(moved.bytes().data(), where);
  EXPECT_TRUE(a.empty());  // NOLINT: that it is empty is the point
  EXPECT_TRUE(moved == Secret("hush"));
  EXPECT_FALSE(moved == Secret("husk"));
  EXPECT_FALSE(moved == Secret("hush!"));
  EXPECT_TRUE(moved.clone() == moved);
  EXPECT_TRUE(constant_time_equal("", ""));
  std::string text = "hush";
  wipe(std::as_writable_bytes(std::span(text)));
  EXPECT_EQ(text, std::string(4, '\0'));
}

TEST(Random, uuids_have_their_form_and_differ) {
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) {
    seen.insert(uuid4());
  }
  EXPECT_EQ(seen.size(), 10'000U);
  for (const auto& id : seen) {
    ASSERT_EQ(id.size(), 36U);
    for (const std::size_t dash : {8U, 13U, 18U, 23U}) {
      ASSERT_EQ(id[dash], '-') << id;
    }
    ASSERT_EQ(id[14], '4') << id;
    ASSERT_THAT("89ab", HasSubstr(std::string(1, id[19]))) << id;
    ASSERT_EQ(id.find_first_not_of("0123456789abcdef-"), std::string::npos) << id;
  }
}

TEST(Random, text_is_even_and_of_the_alphabet) {
  std::array<int, 256> counts{};
  const auto text = random_text(62'000);
  ASSERT_EQ(text.size(), 62'000U);
  for (const char c : text) {
    ++counts[static_cast<unsigned char>(c)];
  }
  for (const char c : kAlphanumeric) {
    EXPECT_NEAR(counts[static_cast<unsigned char>(c)], 1'000, 200) << c;
  }
  EXPECT_EQ(random_text(16, kBase32).find_first_not_of(kBase32), std::string::npos);
  EXPECT_NE(random_number(), random_number());
}

TEST(Random, a_forked_child_does_not_repeat_its_parent) {
  uuid4();
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto id = uuid4();
    ::_exit(::write(pipe_ends[1], id.data(), id.size()) == 36 ? 0 : 1);
  }
  std::string theirs(36, '\0');
  ASSERT_EQ(::read(pipe_ends[0], theirs.data(), theirs.size()), 36);
  ::waitpid(child, nullptr, 0);
  EXPECT_NE(uuid4(), theirs);
}

class Folder : public testing::Test {
 protected:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "cairn-crypto-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() override { std::filesystem::remove_all(path_); }
  std::filesystem::path file() const { return path_ / "master.key"; }
  void write(std::string_view text, mode_t mode) const {
    std::ofstream(file()) << text;
    ::chmod(file().c_str(), mode);
  }

  std::filesystem::path path_;
};

using MasterKeyFile = Folder;

TEST_F(MasterKeyFile, is_made_once_and_read_again) {
  const auto made = MasterKey::load_or_create(file());
  ASSERT_TRUE(made.has_value()) << made.error().text();
  struct stat status {};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  const auto read = MasterKey::load_or_create(file());
  ASSERT_TRUE(read.has_value());
  EXPECT_TRUE(constant_time_equal(made->bytes(), read->bytes()));
  EXPECT_EQ(made->id(), read->id());
  EXPECT_NE(made->id(), MasterKey::generate().id());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path_), {}), 1) << "a draft was left behind";
}

TEST_F(MasterKeyFile, racing_makers_agree) {
  std::vector<std::jthread> threads;
  std::array<MasterKey::Id, 8> ids{};
  for (auto& id : ids) {
    threads.emplace_back([this, &id] { id = MasterKey::load_or_create(file()).value().id(); });
  }
  threads.clear();
  for (const auto& id : ids) {
    EXPECT_EQ(id, ids[0]);
  }
}

struct FileCase {
  std::string text;
  mode_t mode;
  std::optional<Errc> refused;
  std::string_view says;
};

TEST_F(MasterKeyFile, is_refused_when_it_is_not_private_or_not_a_key) {
  const std::string key(64, 'a');
  const FileCase cases[] = {
      {key, 0600, {}, ""},
      {key + "\n", 0400, {}, ""},
      {std::string(64, 'F'), 0600, {}, ""},
      {key, 0640, Errc::denied, "mode 0640"},
      {key, 0604, Errc::denied, "chmod 600"},
      {key, 0620, Errc::denied, "chmod 600"},
      {"", 0600, Errc::corrupt, "64 hexadecimal digits"},
      {key.substr(1), 0600, Errc::corrupt, "64 hexadecimal digits"},
      {key + "aa", 0600, Errc::corrupt, "64 hexadecimal digits"},
      {key.substr(1) + "g", 0600, Errc::corrupt, "64 hexadecimal digits"},
      {key.substr(1) + "\n", 0600, Errc::corrupt, "64 hexadecimal digits"},
      {key + "\n\n", 0600, Errc::corrupt, "64 hexadecimal digits"},
  };
  for (const auto& c : cases) {
    write(c.text, c.mode);
    const auto loaded = MasterKey::load_or_create(file());
    ASSERT_EQ(loaded.has_value(), !c.refused.has_value()) << c.text;
    if (c.refused.has_value()) {
      EXPECT_EQ(loaded.error().code, *c.refused);
      EXPECT_THAT(loaded.error().text(), HasSubstr(std::string(c.says)));
      EXPECT_THAT(loaded.error().text(), HasSubstr(file().string()));
    }
    std::filesystem::remove(file());
  }
  EXPECT_EQ(MasterKey::load(file()).error().code, Errc::not_found);
  EXPECT_FALSE(MasterKey::load_or_create(path_ / "absent" / "master.key").has_value());
  EXPECT_EQ(MasterKey::load(path_).error().code, Errc::invalid);
}

std::string unhex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    out.push_back(static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

// NIST's test case 16 of the GCM specification: the associated data in two parts.
TEST(Gcm, seals_and_opens_what_is_published) {
  const auto key = unhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const auto nonce = unhex("cafebabefacedbaddecaf888");
  const auto plaintext = unhex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
      "ba637b39");
  const auto sealed = unhex(
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
      "bcc9f66276fc6ece0f4e1768cddf8853bb2d551b");
  const auto data = unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const auto first = ByteView(data).first(7);
  const auto rest = ByteView(data).subview(7);
  EXPECT_EQ(gcm_seal(key, nonce, {first, rest}, plaintext), sealed);
  EXPECT_EQ(ByteView(gcm_open(key, nonce, {data}, sealed)->bytes()).text(), plaintext);
  EXPECT_EQ(gcm_open(key, nonce, {first}, sealed).error().code, Errc::corrupt);
  EXPECT_EQ(gcm_open(key, nonce, {data}, "short").error().code, Errc::corrupt);
}

TEST(Sealer, opens_what_it_sealed) {
  const Sealer sealer(MasterKey::generate());
  for (const auto& text : {std::string(), std::string("s"), std::string(100'000, 'x')}) {
    const auto sealed = sealer.seal(text, "keys/1");
    EXPECT_EQ(sealed.size(), text.size() + Sealer::kOverheadBytes);
    EXPECT_NE(sealed, sealer.seal(text, "keys/1")) << "a nonce was used twice";
    const auto opened = sealer.open(sealed, "keys/1");
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(ByteView(opened->bytes()).text(), text);
    EXPECT_EQ(sealer.open(sealed, "keys/2").error().code, Errc::corrupt);
  }
}

TEST(Sealer, refuses_every_changed_byte_and_every_cut) {
  const Sealer sealer(MasterKey::generate());
  const auto sealed = sealer.seal("secret", "place");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const auto opened = sealer.open(changed, "place");
    ASSERT_FALSE(opened.has_value()) << i;
    EXPECT_EQ(opened.error().code, i >= 1 && i <= 8 ? Errc::denied : Errc::corrupt) << i;
    EXPECT_FALSE(sealer.open(sealed.substr(0, i), "place").has_value()) << i;
  }
  EXPECT_EQ(Sealer(MasterKey::generate()).open(sealed, "place").error().code, Errc::denied);
}

// Version 1's bytes as they lie on disks: they must open for ever.
TEST_F(MasterKeyFile, version_1_stays_readable) {
  write("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n", 0600);
  const Sealer sealer(MasterKey::load(file()).value());
  const auto kept = std::filesystem::path(CAIRN_SOURCE_DIR) / "src/crypto/compat/sealed_v1.bin";
  std::ifstream in(kept, std::ios::binary);
  const std::string sealed((std::istreambuf_iterator<char>(in)), {});
  const auto opened = sealer.open(sealed, "compat/sealed_v1");
  ASSERT_TRUE(opened.has_value()) << opened.error().text();
  EXPECT_EQ(ByteView(opened->bytes()).text(), "a secret sealed by the first version");
}

}  // namespace
}  // namespace cairn::crypto
