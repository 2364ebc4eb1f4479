// The contract of bindings-ffi/README.md as a program in C++ meets it.
#include <cdp_batch.hpp>
#include <cdp_batch_testing.h>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <type_traits>

#include "../check.h"

int check_passed, check_skipped;

cdp_batch::Report report_made_elsewhere(const cdp_batch::Client &client, const cdp_batch::Source &source);

namespace {

using namespace std::chrono_literals;
using cdp_batch::Client;
using cdp_batch::Source;

constexpr const char *KEY = "test-client-key", *TOKEN = "test-api-token";
constexpr const char *EMULATED = R"({"client_key": "test-client-key", "api_token": "test-api-token"})";
constexpr const char *SLOW =
    R"({"client_key": "test-client-key", "api_token": "test-api-token", "records_per_second": 0.00001})";
constexpr const char *FAST = R"({"wait": {"min_ms": 5, "max_ms": 40}})";
constexpr const char *GUESTS = "examples/data/guests.ndjson", *FAULTY = "examples/data/guests-with-faults.ndjson";
constexpr const char *NOBODY = "6a6f8cb0-0d51-4c3e-8a3b-0f6d7b0f4aff";

using Emulator = cdp_batch::detail::Handle<cdpb_emulator, cdpb_emulator_free>;

Emulator emulator;

Client client(const char *options = FAST) {
  return Client::of_url(cdpb_emulator_base_url(emulator.get()), KEY, TOKEN, options);
}

std::string row(int number) {
  std::string id = std::to_string(100000000000 + number);
  return R"({"ref":"6a6f8cb0-0d51-4c3e-8a3b-)" + id + R"(","schema":"guest","mode":"upsert","value":{"guestType":)" +
         R"("customer","email":"a)" + id + R"(@example.com","identifiers":[{"provider":"CRM","id":")" + id + R"("}]}})";
}

/// Whether this throws the exception that it should.
template <typename Exception, typename Work>
bool throws(Work &&work) {
  try {
    work();
  } catch (const Exception &) {
    return true;
  }
  return false;
}

static_assert(!std::is_copy_constructible_v<Client> && std::is_nothrow_move_constructible_v<Client>);
static_assert(!std::is_copy_constructible_v<Source> && std::is_nothrow_move_constructible_v<Source>);
static_assert(!std::is_copy_constructible_v<cdp_batch::Report> && std::is_nothrow_move_assignable_v<cdp_batch::Report>);
static_assert(!std::is_copy_constructible_v<cdp_batch::Run> && !std::is_copy_constructible_v<cdp_batch::Writer>);
static_assert(!std::is_copy_constructible_v<cdp_batch::Rejects> && !std::is_copy_constructible_v<cdp_batch::Batches>);
static_assert(!std::is_copy_constructible_v<cdp_batch::Operation<cdp_batch::Report>>);
static_assert(std::is_copy_constructible_v<cdp_batch::Error> && std::is_base_of_v<std::runtime_error, cdp_batch::Error>);

void a_handle_is_used_in_two_translation_units() {
  CHECK(report_made_elsewhere(client(), Source::path(GUESTS)).ok());
}

void a_file_is_uploaded_and_the_handle_moved() {
  auto uploads = client();
  auto moved = std::move(uploads);
  auto report = moved.upload(Source::path(GUESTS), R"({"run_id": "from-cpp"})").get();
  CHECK(report.ok() && !report.resumed() && report.run_id() == "from-cpp" && report.counts().confirmed == 3);
  auto batches = report.batches();
  CHECK(batches.size() == 1 && batches[0].status == "success" && batches[0].records == 3);
  CHECK(report.summary().empty() && report.json().find("from-cpp") != std::string::npos);
  CHECK(throws<cdp_batch::InvalidOptionsError>([&] { uploads.runs(); }));
}

void every_kind_of_source_is_read() {
  auto confirmed = [](Source source) { return client().upload(source).get().counts().confirmed; };
  CHECK(confirmed(Source::glob("examples/data/guests.nd*")) == 3);
  CHECK(confirmed(Source::bytes(row(1))) == 1);
  std::FILE *stream = std::fopen(GUESTS, "r");
  CHECK(confirmed(Source::file(stream, "stream")) == 3);
  std::fclose(stream);
  stream = std::fopen(GUESTS, "r");
  auto duplicated = Source::fd(fileno(stream), "descriptor");
  std::fclose(stream);
  CHECK(confirmed(std::move(duplicated)) == 3);
  auto twice = client().upload(Source::paths({GUESTS, GUESTS}), R"({"raise_on": "never"})").get();
  CHECK(twice.counts().read == 6);
  auto released = std::make_shared<int>(0);
  std::weak_ptr<int> watch = released;
  std::string text = row(1) + "\n" + row(2) + "\n";
  CHECK(confirmed(Source::reader(
            [text, released = std::move(released)](char *buffer, std::size_t length) mutable {
              std::size_t piece = std::min(length, text.size());
              text.copy(buffer, piece);
              text.erase(0, piece);
              return piece;
            },
            "reader")) == 2);
  CHECK(watch.expired());
}

void an_exception_in_a_callback_is_an_error_of_the_source() {
  auto upload = client().upload(Source::reader(
      [](char *, std::size_t) -> std::size_t { throw std::runtime_error("on purpose"); }, "reader"));
  try {
    upload.get();
    CHECK(false);
  } catch (const cdp_batch::IoError &error) {
    CHECK(error.fields().source == "reader");
  }
}

void each_code_is_an_exception_of_its_own_and_an_unknown_one_their_base() {
  const cdpb_code codes[] = {CDPB_INVALID_OPTIONS, CDPB_INVALID_RECORD, CDPB_RECORD_TOO_LARGE, CDPB_IO, CDPB_JOURNAL,
                             CDPB_UNAUTHORIZED, CDPB_REJECTED, CDPB_NOT_FOUND, CDPB_CONFLICT, CDPB_RATE_LIMITED,
                             CDPB_UNAVAILABLE, CDPB_TLS, CDPB_TIMEOUT, CDPB_UPLOAD_EXPIRED, CDPB_INTEGRITY,
                             CDPB_BATCH_CORRUPTED, CDPB_RECORDS_REJECTED, CDPB_PROTOCOL, CDPB_CANCELLED, CDPB_CLOSED,
                             CDPB_INTERNAL, 12345};
  std::set<std::string> types;
  for (cdpb_code code : codes) {
    cdp_batch::ErrorFields fields;
    fields.number = code;
    try {
      cdp_batch::detail::raise(code, fields);
    } catch (const cdp_batch::Error &error) {
      CHECK(error.number() == code);
      types.insert(typeid(error).name());
    }
  }
  CHECK(types.size() == sizeof codes / sizeof *codes && types.count(typeid(cdp_batch::Error).name()) == 1);
}

void an_exception_carries_every_field_and_the_report() {
  try {
    client().upload(Source::path(FAULTY), R"({"run_id": "faulty-cpp"})").get();
    CHECK(false);
  } catch (const cdp_batch::RecordsRejectedError &caught) {
    cdp_batch::Error error = caught;
    CHECK(error.code() == "records_rejected" && error.fields().stage == "report" && error.fields().run_id == "faulty-cpp");
    CHECK(!error.retryable() && error.fields().refs.size() == 1 && !error.fields().line && !error.fields().http_status);
    CHECK(std::string(error.what()) == error.fields().message && error.report()->summary().size() == 3);
    std::uint64_t line = 2;
    for (const cdp_batch::Reject &reject : error.report()->rejects()) {
      CHECK(reject.source() == FAULTY && reject.line() == line && !reject.record().empty());
      CHECK(reject.by() == (line == 4 ? "service" : "us") && reject.batch().empty() == (line != 4));
      CHECK(!reject.message().empty() && reject.json().find(reject.code()) != std::string::npos);
      ++line;
    }
    CHECK(line == 5 && !error.report()->records_to_repeat().next());
    auto path = std::filesystem::temp_directory_path() / "cdpb-cpp-rejects.ndjson";
    CHECK(error.report()->write_rejects(path.string()) == 3);
    std::filesystem::remove(path);
    std::filesystem::remove(path.string() + ".reasons.jsonl");
  }
  try {
    client().batch_status(NOBODY).get();
    CHECK(false);
  } catch (const cdp_batch::NotFoundError &error) {
    CHECK(error.fields().http_status == 404 && error.fields().refs[0] == NOBODY && error.report() == nullptr);
  }
}

void rows_are_pushed_and_a_writer_that_goes_away_ends_the_run() {
  auto writer = client().writer();
  for (int number = 0; number < 100; ++number) {
    writer.push(row(number));
  }
  CHECK(writer.close().counts().confirmed == 100);
  CHECK(throws<cdp_batch::ClosedError>([&] { writer.push(row(1)); }));
  auto abandoned = client().writer();
  abandoned.push(row(1));
}

void a_full_queue_is_no_exception() {
  Emulator slow(cdpb_emulator_start(SLOW));
  auto uploads = Client::of_url(cdpb_emulator_base_url(slow.get()), KEY, TOKEN, R"({"max_batch_records": 1})");
  auto writer = uploads.writer();
  std::string long_row = row(1) + std::string(200000, ' ');
  while (writer.push_for(long_row, 10ms)) {
  }
  writer.upload().cancel();
  CHECK(throws<cdp_batch::CancelledError>([&] { writer.close(); }));
}

void a_call_is_cancelled_from_another_thread() {
  Emulator slow(cdpb_emulator_start(SLOW));
  auto uploads = Client::of_url(cdpb_emulator_base_url(slow.get()), KEY, TOKEN, FAST);
  auto upload = uploads.upload(Source::path(GUESTS));
  CHECK(!upload.wait_for(0ms));
  std::thread other([&] { upload.cancel(); });
  CHECK(throws<cdp_batch::CancelledError>([&] { upload.get(); }));
  other.join();
  CHECK(throws<cdp_batch::ClosedError>([&] { upload.get(); }));
}

void a_bell_rings_once_and_events_are_pulled() {
  auto upload = client().upload(Source::path(GUESTS));
  std::mutex mutex;
  std::condition_variable rung;
  int rings = 0;
  auto ring = [&] {
    std::lock_guard<std::mutex> lock(mutex);
    ++rings;
    rung.notify_one();
  };
  upload.on_done(ring);
  {
    std::unique_lock<std::mutex> lock(mutex);
    rung.wait(lock, [&] { return rings == 1; });
  }
  upload.on_done(ring);
  CHECK(rings == 2 && upload.wait_for(0ms));
  std::string last;
  while (auto event = upload.next_event(1000ms)) {
    last = *event;
  }
  CHECK(last.find(R"("type":"done")") != std::string::npos);
}

void a_submitted_run_is_found_by_its_refs() {
  auto uploads = client();
  auto run = uploads.submit(Source::path(GUESTS)).get();
  CHECK(!run.run_id().empty() && run.refs().size() == 1);
  CHECK(run.wait().get().ok());
  CHECK(throws<cdp_batch::ClosedError>([&] { run.wait().get(); }));
  CHECK(uploads.wait(run.refs()).get().find(run.refs()[0]) != std::string::npos);
  CHECK(uploads.report(run.refs()).get().counts().confirmed == 3);
  CHECK(uploads.batch_wait(run.refs()[0]).get().find("success") != std::string::npos);
  CHECK(!uploads.batch_errors(run.refs()[0]).get().next());
  int listed = 0;
  for (const std::string &batch : uploads.batches(R"({"limit": 2})")) {
    CHECK(batch.front() == '{');
    ++listed;
  }
  CHECK(listed == 2);
}

void what_needs_no_service_needs_none() {
  auto offline = Client::of_region("eu", KEY, TOKEN);
  CHECK(offline.validate(Source::path(FAULTY)).get().find("findings") != std::string::npos);
  auto folder = std::filesystem::temp_directory_path() / "cdpb-cpp-parts";
  auto packed = offline.pack(Source::path(FAULTY), folder.string()).get();
  CHECK(packed.json().find("content_md5") != std::string::npos && packed.rejects().next()->line() == 2);
  std::filesystem::remove_all(folder);
}

void a_run_is_resumed_from_its_journal() {
  auto folder = std::filesystem::temp_directory_path() / "cdpb-cpp-state";
  std::string options = R"({"state_dir": ")" + folder.string() + R"(", "wait": {"min_ms": 5}})";
  auto uploads = client(options.c_str());
  uploads.upload(Source::path(GUESTS), R"({"run_id": "cpp-journal"})").get();
  CHECK(uploads.resume("cpp-journal").get().resumed());
  CHECK(uploads.runs().find("cpp-journal") != std::string::npos && uploads.reconcile().get().front() == '{');
  std::filesystem::remove_all(folder);
}

void wrong_options_are_named() {
  try {
    Client::of_region("eu", KEY, TOKEN, R"({"max_batch_byte": 1})");
    CHECK(false);
  } catch (const cdp_batch::InvalidOptionsError &error) {
    CHECK(std::string(error.what()).find("max_batch_bytes") != std::string::npos);
  }
}

}  // namespace

int main() {
  emulator.reset(cdpb_emulator_start(EMULATED));
  CHECK(emulator != nullptr);
  RUN(a_handle_is_used_in_two_translation_units);
  RUN(a_file_is_uploaded_and_the_handle_moved);
  RUN(every_kind_of_source_is_read);
  RUN(an_exception_in_a_callback_is_an_error_of_the_source);
  RUN(each_code_is_an_exception_of_its_own_and_an_unknown_one_their_base);
  RUN(an_exception_carries_every_field_and_the_report);
  RUN(rows_are_pushed_and_a_writer_that_goes_away_ends_the_run);
  RUN(a_full_queue_is_no_exception);
  RUN(a_call_is_cancelled_from_another_thread);
  RUN(a_bell_rings_once_and_events_are_pulled);
  RUN(a_submitted_run_is_found_by_its_refs);
  RUN(what_needs_no_service_needs_none);
  RUN(a_run_is_resumed_from_its_journal);
  RUN(wrong_options_are_named);
  emulator.reset();
  CLOSING_LINE();
}
