// Forms with a file, whole and in pieces.
#include "codec/form_data.h"

#include <gtest/gtest.h>

namespace cairn::codec {
namespace {

struct Read {
  bool good = false;
  Errc error = Errc::invalid;
  std::string fields;
  std::string file;
  std::string file_name;
};

Read read(std::string_view body, std::size_t piece, std::string_view boundary = "B") {
  FormData form(boundary);
  Read out;
  const FormData::Sink sink = [&](std::span<const std::byte> bytes) {
    out.file.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  Result<void> result;
  for (std::size_t at = 0; at < body.size() && result; at += piece) {
    const auto part = body.substr(at, piece);
    result = form.push(std::as_bytes(std::span(part)), sink);
  }
  if (result) {
    result = form.finish();
  }
  out.good = result.has_value();
  out.error = result ? out.error : result.error().code;
  for (const auto& [name, value] : form.fields()) {
    out.fields += name + "=" + value + ";";
  }
  out.file_name = form.in_file() ? form.file_name() : "";
  return out;
}

std::string field(std::string_view name, std::string_view value) {
  return "--B\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
         std::string(value) + "\r\n";
}

std::string file(std::string_view bytes, std::string_view name = "a.txt") {
  return "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + std::string(name) +
         "\"\r\nContent-Type: text/plain\r\n\r\n" + std::string(bytes) + "\r\n";
}

TEST(FormData, fields_and_a_file_in_pieces_of_any_size) {
  const std::string bytes = "line\r\n--A not it\r\n--\r\n-B\r\n\r\n";
  const auto body = field("key", "logs/${filename}") + field("empty", "") + file(bytes) + field("later", "x") + "--B--\r\n";
  for (std::size_t piece = 1; piece <= body.size(); ++piece) {
    const auto got = read(body, piece);
    ASSERT_TRUE(got.good) << piece;
    EXPECT_EQ(got.fields, "key=logs/${filename};empty=;");
    EXPECT_EQ(got.file, bytes);
    EXPECT_EQ(got.file_name, "a.txt");
  }
}

TEST(FormData, what_is_no_form) {
  const struct {
    std::string body;
    bool good;
  } rows[] = {
      {file("") + "--B--", true},
      {file("x") + "--B--\r\nepilogue", true},
      {"", false},
      {"--C\r\n", false},
      {"x" + file("") + "--B--", false},
      {field("a", "b") + "--B--\r\n", false},  // no file
      {file("x"), false},                      // ends early
      {file("x") + "--B", false},
      {"--Bx\r\n" + file("x") + "--B--", false},
      {"--B\r\nContent-Type: text/plain\r\n\r\nx\r\n--B--", false},
      {"--B\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n--B--", false},
      {"--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--", false},
      {"--B\r\ncontent-disposition:form-data;NAME=file\r\n\r\nx\r\n--B--", true},
  };
  for (const auto& row : rows) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}}) {
      EXPECT_EQ(read(row.body, piece).good, row.good) << row.body;
    }
  }
}

TEST(FormData, fields_have_a_limit_and_files_have_none) {
  const std::string much(FormData::kFieldsBytesMax, 'x');
  EXPECT_EQ(read(field("a", much) + file("") + "--B--", 777).error, Errc::limit);
  EXPECT_EQ(read("--B\r\n" + much + "0123456789", 777).error, Errc::limit);
  EXPECT_TRUE(read(file(much + much) + "--B--", 777).good);
}

TEST(FormData, boundaries) {
  EXPECT_EQ(form_boundary("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(form_boundary("Multipart/Form-Data; charset=x; boundary=\"a b\""), "a b");
  EXPECT_FALSE(form_boundary("multipart/form-data"));
  EXPECT_FALSE(form_boundary("multipart/form-data; boundary="));
  EXPECT_FALSE(form_boundary("multipart/form-data; boundary=\"a\r\n\""));
  EXPECT_FALSE(form_boundary("multipart/form-data; boundary=" + std::string(71, 'a')));
  EXPECT_FALSE(form_boundary("text/plain; boundary=abc"));
}

}  // namespace
}  // namespace cairn::codec
