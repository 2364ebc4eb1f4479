// cdp_batch.h for C++17: handles that free themselves, exceptions, and ranges.
//
// The contract is that of bindings-ffi/README.md. Options and queries are JSON text; what the service tells of batches
// comes as JSON text too. Strings are UTF-8.

#ifndef CDP_BATCH_HPP
#define CDP_BATCH_HPP

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cdp_batch.h"

namespace cdp_batch {

/// How many records went which way.
using Counts = cdpb_counts;

namespace detail {

template <typename T, void (*Free)(T *)>
struct Deleter {
  void operator()(T *handle) const noexcept { Free(handle); }
};

template <typename T, void (*Free)(T *)>
using Handle = std::unique_ptr<T, Deleter<T, Free>>;

using ClientHandle = Handle<cdpb_client, cdpb_client_free>;
using SourceHandle = Handle<cdpb_source, cdpb_source_free>;
using OperationHandle = Handle<cdpb_operation, cdpb_operation_free>;
using WriterHandle = Handle<cdpb_writer, cdpb_writer_free>;
using RunHandle = Handle<cdpb_run, cdpb_run_free>;
using ReportHandle = Handle<cdpb_report, cdpb_report_free>;
using RejectsHandle = Handle<cdpb_rejects, cdpb_rejects_free>;
using RejectHandle = Handle<cdpb_reject, cdpb_reject_free>;
using PackedHandle = Handle<cdpb_packed, cdpb_packed_free>;
using BatchesHandle = Handle<cdpb_batches, cdpb_batches_free>;
using ErrorHandle = Handle<cdpb_error, cdpb_error_free>;
using Text = Handle<char, cdpb_string_free>;

inline std::string text(const char *text) { return text == nullptr ? std::string() : std::string(text); }

inline std::uint64_t milliseconds(std::chrono::milliseconds limit) {
  return limit.count() < 0 ? 0 : static_cast<std::uint64_t>(limit.count());
}

inline std::string owned(char *text) { return detail::text(Text(text).get()); }

/// Text as C wants it; NULL if there is none.
class Argument {
 public:
  explicit Argument(std::string_view text) : text_(text), given_(text.data() != nullptr) {}
  const char *get() const noexcept { return given_ ? text_.c_str() : nullptr; }

 private:
  std::string text_;
  bool given_;
};

/// Texts as C wants them: pointers that end with NULL.
class Arguments {
 public:
  explicit Arguments(const std::vector<std::string> &texts) {
    for (const std::string &text : texts) {
      pointers_.push_back(text.c_str());
    }
    pointers_.push_back(nullptr);
  }
  const char *const *get() const noexcept { return pointers_.data(); }

 private:
  std::vector<const char *> pointers_;
};

/// Throws what a call that failed has written. Each of these calls is given the places for its outputs.
template <typename Call>
void check(Call &&call);

}  // namespace detail

class Report;

/// What every error carries.
struct ErrorFields {
  cdpb_code number = CDPB_INTERNAL;
  /// The name that every language uses, such as `invalid_options`.
  std::string code;
  std::string message;
  /// Where in the run it happened; empty if nowhere.
  std::string stage;
  /// Whether the same call may succeed later without a change.
  bool retryable = false;
  std::uint32_t attempts = 0;
  std::optional<std::uint16_t> http_status;
  std::optional<std::string> request_id;
  std::optional<std::chrono::milliseconds> retry_after;
  std::optional<std::string> run_id;
  std::vector<std::string> refs;
  std::optional<std::string> source;
  std::optional<std::uint64_t> line;
  /// Every field as JSON.
  std::string json;
  /// What is known of the run that failed, if anything is.
  std::shared_ptr<const Report> report;
};

/// Why a call failed. There is a class for each code.
class Error : public std::runtime_error {
 public:
  explicit Error(ErrorFields fields)
      : std::runtime_error(fields.message), fields_(std::make_shared<const ErrorFields>(std::move(fields))) {}

  cdpb_code number() const noexcept { return fields_->number; }
  const std::string &code() const noexcept { return fields_->code; }
  bool retryable() const noexcept { return fields_->retryable; }
  const ErrorFields &fields() const noexcept { return *fields_; }
  /// What is known of the run that failed; null if nothing is.
  const Report *report() const noexcept { return fields_->report.get(); }

 private:
  std::shared_ptr<const ErrorFields> fields_;
};

}  // namespace cdp_batch

#include "cdp_batch_errors.hpp"

namespace cdp_batch {

/// A record that was refused.
class Reject {
 public:
  explicit Reject(detail::RejectHandle handle) : handle_(std::move(handle)) {}

  /// `us`, before it was sent, or `service`.
  std::string_view by() const noexcept { return view(cdpb_reject_by(handle_.get())); }
  /// Empty if only the service's log is at hand.
  std::string_view source() const noexcept { return view(cdpb_reject_source(handle_.get())); }
  /// From 1; 0 if it is not known.
  std::uint64_t line() const noexcept { return cdpb_reject_line(handle_.get()); }
  /// Empty if it has none.
  std::string_view ref() const noexcept { return view(cdpb_reject_ref(handle_.get())); }
  /// Empty if it was not sent.
  std::string_view batch() const noexcept { return view(cdpb_reject_batch(handle_.get())); }
  std::string_view code() const noexcept { return view(cdpb_reject_code(handle_.get())); }
  std::string_view message() const noexcept { return view(cdpb_reject_message(handle_.get())); }
  /// What usually helps; empty where nobody knows.
  std::string_view help() const noexcept { return view(cdpb_reject_help(handle_.get())); }
  /// As it was read; empty if it is not at hand.
  std::string_view record() const noexcept {
    std::size_t length = 0;
    const char *record = cdpb_reject_record(handle_.get(), &length);
    return record == nullptr ? std::string_view() : std::string_view(record, length);
  }
  std::string json() const { return detail::owned(cdpb_reject_json(handle_.get())); }

 private:
  static std::string_view view(const char *text) noexcept { return text == nullptr ? "" : text; }

  detail::RejectHandle handle_;
};

namespace detail {

/// A range that is read once, from its next value on.
template <typename Range, typename Value>
class Iterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = Value;
  using difference_type = std::ptrdiff_t;
  using pointer = const Value *;
  using reference = const Value &;

  Iterator() = default;
  explicit Iterator(Range *range) : range_(range) { ++*this; }

  reference operator*() const noexcept { return *value_; }
  pointer operator->() const noexcept { return value_.get(); }
  Iterator &operator++() {
    if (std::optional<Value> next = range_->next()) {
      value_ = std::make_shared<const Value>(std::move(*next));
    } else {
      value_.reset();
      range_ = nullptr;
    }
    return *this;
  }
  void operator++(int) { ++*this; }
  bool operator==(const Iterator &other) const noexcept { return range_ == other.range_; }
  bool operator!=(const Iterator &other) const noexcept { return range_ != other.range_; }

 private:
  Range *range_ = nullptr;
  std::shared_ptr<const Value> value_;
};

}  // namespace detail

/// Records that were refused, read one by one, in input order: `for (const Reject &reject : report.rejects())`.
class Rejects {
 public:
  explicit Rejects(detail::RejectsHandle handle) : handle_(std::move(handle)) {}

  /// The next, or none after the last.
  std::optional<Reject> next() {
    cdpb_reject *reject = nullptr;
    detail::check([&](cdpb_error **error) { return cdpb_rejects_next(handle_.get(), &reject, error); });
    return reject == nullptr ? std::nullopt : std::optional<Reject>(detail::RejectHandle(reject));
  }

  detail::Iterator<Rejects, Reject> begin() { return detail::Iterator<Rejects, Reject>(this); }
  detail::Iterator<Rejects, Reject> end() { return {}; }

 private:
  detail::RejectsHandle handle_;
};

/// A batch of a report.
struct BatchOfReport {
  std::string ref;
  /// The service's last word on it; `packed` before it was sent.
  std::string status;
  /// Records packed into it; 0 if another process did.
  std::uint64_t records;
};

/// Records that were refused for the same reason.
struct Reason {
  std::string code;
  std::string message;
  std::uint64_t count;
};

/// What came of a run.
class Report {
 public:
  explicit Report(detail::ReportHandle handle) : handle_(std::move(handle)) {}

  std::string_view run_id() const noexcept { return cdpb_report_run_id(handle_.get()); }
  /// Whether every record that was read is confirmed.
  bool ok() const noexcept { return cdpb_report_ok(handle_.get()); }
  /// Whether parts of the run were sent before.
  bool resumed() const noexcept { return cdpb_report_resumed(handle_.get()); }
  Counts counts() const noexcept { return cdpb_report_counts(handle_.get()); }
  std::vector<BatchOfReport> batches() const {
    std::vector<BatchOfReport> batches;
    while (const char *ref = cdpb_report_batch_ref(handle_.get(), batches.size())) {
      std::size_t index = batches.size();
      batches.push_back({ref, cdpb_report_batch_status(handle_.get(), index),
                         cdpb_report_batch_records(handle_.get(), index)});
    }
    return batches;
  }
  /// Why records were refused, the most frequent first.
  std::vector<Reason> summary() const {
    std::vector<Reason> reasons;
    while (const char *code = cdpb_report_reason_code(handle_.get(), reasons.size())) {
      std::size_t index = reasons.size();
      reasons.push_back({code, cdpb_report_reason_message(handle_.get(), index),
                         cdpb_report_reason_count(handle_.get(), index)});
    }
    return reasons;
  }
  /// Every record that was refused, from the first.
  Rejects rejects() const {
    cdpb_rejects *rejects = nullptr;
    detail::check([&](cdpb_error **error) { return cdpb_report_rejects(handle_.get(), &rejects, error); });
    return Rejects(detail::RejectsHandle(rejects));
  }
  /// Every record that must be sent again although it was taken.
  Rejects records_to_repeat() const {
    cdpb_rejects *records = nullptr;
    detail::check([&](cdpb_error **error) { return cdpb_report_records_to_repeat(handle_.get(), &records, error); });
    return Rejects(detail::RejectsHandle(records));
  }
  /// Writes the refused records to a file that can be fixed and uploaded again; returns how many.
  std::uint64_t write_rejects(std::string_view path) const {
    std::uint64_t written = 0;
    detail::Argument file(path);
    detail::check([&](cdpb_error **error) {
      return cdpb_report_write_rejects(handle_.get(), file.get(), &written, error);
    });
    return written;
  }
  std::string json() const { return detail::owned(cdpb_report_json(handle_.get())); }

 private:
  detail::ReportHandle handle_;
};

namespace detail {

template <typename Call>
void check(Call &&call) {
  cdpb_error *failed = nullptr;
  cdpb_code number = call(&failed);
  if (number == CDPB_OK) {
    return;
  }
  ErrorHandle error(failed);
  auto optional = [](const char *text) { return text ? std::optional<std::string>(text) : std::nullopt; };
  ErrorFields fields;
  fields.number = number;
  fields.code = text(cdpb_error_name(failed));
  fields.message = text(cdpb_error_message(failed));
  fields.stage = text(cdpb_error_stage(failed));
  fields.retryable = cdpb_error_retryable(failed);
  fields.attempts = cdpb_error_attempts(failed);
  if (std::uint16_t status = cdpb_error_http_status(failed)) {
    fields.http_status = status;
  }
  fields.request_id = optional(cdpb_error_request_id(failed));
  if (std::int64_t ms = cdpb_error_retry_after_ms(failed); ms >= 0) {
    fields.retry_after = std::chrono::milliseconds(ms);
  }
  fields.run_id = optional(cdpb_error_run_id(failed));
  for (std::size_t index = 0; const char *ref = cdpb_error_ref(failed, index); ++index) {
    fields.refs.emplace_back(ref);
  }
  fields.source = optional(cdpb_error_source(failed));
  if (std::uint64_t line = cdpb_error_line(failed)) {
    fields.line = line;
  }
  fields.json = owned(cdpb_error_json(failed));
  if (cdpb_report *report = nullptr; cdpb_error_report(failed, &report)) {
    fields.report = std::make_shared<const Report>(ReportHandle(report));
  }
  raise(number, std::move(fields));
}

}  // namespace detail

class Run;

/// Files that `Client::pack` made.
class Packed {
 public:
  explicit Packed(detail::PackedHandle handle) : handle_(std::move(handle)) {}

  /// Files and counts.
  std::string json() const { return detail::owned(cdpb_packed_json(handle_.get())); }
  /// Every record that is in no file, from the first.
  Rejects rejects() const {
    cdpb_rejects *rejects = nullptr;
    detail::check([&](cdpb_error **error) { return cdpb_packed_rejects(handle_.get(), &rejects, error); });
    return Rejects(detail::RejectsHandle(rejects));
  }

 private:
  detail::PackedHandle handle_;
};

namespace detail {

inline Report taken(const cdpb_operation *operation, const Report *) {
  cdpb_report *report = nullptr;
  check([&](cdpb_error **error) { return cdpb_operation_take_report(operation, &report, error); });
  return Report(ReportHandle(report));
}

inline Rejects taken(const cdpb_operation *operation, const Rejects *) {
  cdpb_rejects *rejects = nullptr;
  check([&](cdpb_error **error) { return cdpb_operation_take_rejects(operation, &rejects, error); });
  return Rejects(RejectsHandle(rejects));
}

inline Packed taken(const cdpb_operation *operation, const Packed *) {
  cdpb_packed *packed = nullptr;
  check([&](cdpb_error **error) { return cdpb_operation_take_packed(operation, &packed, error); });
  return Packed(PackedHandle(packed));
}

inline std::string taken(const cdpb_operation *operation, const std::string *) {
  char *json = nullptr;
  check([&](cdpb_error **error) { return cdpb_operation_take_json(operation, &json, error); });
  return owned(json);
}

inline std::optional<std::string> taken(const cdpb_operation *operation, const std::optional<std::string> *) {
  char *json = nullptr;
  check([&](cdpb_error **error) { return cdpb_operation_take_json(operation, &json, error); });
  return json == nullptr ? std::nullopt : std::optional<std::string>(owned(json));
}

inline Run taken(const cdpb_operation *operation, const Run *);

}  // namespace detail

/// Work that was started and goes on by itself, and ends with a `T`. Destroying it cancels it.
template <typename T>
class [[nodiscard]] Operation {
 public:
  explicit Operation(detail::OperationHandle handle) : handle_(std::move(handle)) {}

  /// Waits at most this long; whether it is done.
  bool wait_for(std::chrono::milliseconds limit) const noexcept {
    return cdpb_operation_wait(handle_.get(), detail::milliseconds(limit));
  }
  /// Asks it to stop; from any thread, and more than once.
  void cancel() const noexcept { cdpb_operation_cancel(handle_.get()); }
  /// The next event as JSON, waiting at most this long for it. The last has the type `done`.
  std::optional<std::string> next_event(std::chrono::milliseconds limit) const {
    char *event = cdpb_operation_next_event(handle_.get(), detail::milliseconds(limit));
    return event == nullptr ? std::nullopt : std::optional<std::string>(detail::owned(event));
  }
  /// Calls `bell` once when it is done, on a thread of the library, or here if it is done. An exception ends the program.
  void on_done(std::function<void()> bell) const {
    auto held = std::make_unique<std::function<void()>>(std::move(bell));
    auto ring = [](void *context) noexcept {
      std::unique_ptr<std::function<void()>> held(static_cast<std::function<void()> *>(context));
      (*held)();
    };
    detail::check([&](cdpb_error **error) { return cdpb_operation_on_done(handle_.get(), ring, held.get(), error); });
    held.release();
  }
  /// Waits for the end, however long that takes, and gives the outcome, once.
  T get() const {
    while (!cdpb_operation_wait(handle_.get(), 3600000)) {
    }
    return detail::taken(handle_.get(), static_cast<const T *>(nullptr));
  }

 private:
  detail::OperationHandle handle_;
};

namespace detail {

/// Starts work.
template <typename T, typename Call>
Operation<T> start(Call &&call) {
  cdpb_operation *operation = nullptr;
  check([&](cdpb_error **error) { return call(&operation, error); });
  return Operation<T>(OperationHandle(operation));
}

}  // namespace detail

/// A run whose parts storage has all accepted.
class Run {
 public:
  explicit Run(detail::RunHandle handle) : handle_(std::move(handle)) {}

  std::string_view run_id() const noexcept { return cdpb_run_id(handle_.get()); }
  /// All that another process needs to carry on.
  std::vector<std::string> refs() const {
    std::vector<std::string> refs;
    while (const char *ref = cdpb_run_ref(handle_.get(), refs.size())) {
      refs.emplace_back(ref);
    }
    return refs;
  }
  /// Waits until every batch is processed.
  Operation<Report> wait() const {
    return detail::start<Report>([&](cdpb_operation **operation, cdpb_error **error) {
      return cdpb_run_wait(handle_.get(), operation, error);
    });
  }

 private:
  detail::RunHandle handle_;
};

inline Run detail::taken(const cdpb_operation *operation, const Run *) {
  cdpb_run *run = nullptr;
  check([&](cdpb_error **error) { return cdpb_operation_take_run(operation, &run, error); });
  return Run(RunHandle(run));
}

/// Where records come from, read once.
class Source {
 public:
  static Source path(std::string_view path) {
    detail::Argument file(path);
    return make([&](cdpb_source **source, cdpb_error **error) { return cdpb_source_from_path(file.get(), source, error); });
  }
  static Source paths(const std::vector<std::string> &paths) {
    detail::Arguments files(paths);
    return make(
        [&](cdpb_source **source, cdpb_error **error) { return cdpb_source_from_paths(files.get(), source, error); });
  }
  static Source glob(std::string_view pattern) {
    detail::Argument files(pattern);
    return make([&](cdpb_source **source, cdpb_error **error) { return cdpb_source_from_glob(files.get(), source, error); });
  }
  /// Copies the bytes.
  static Source bytes(std::string_view bytes) {
    return make([&](cdpb_source **source, cdpb_error **error) {
      return cdpb_source_from_bytes(bytes.data() == nullptr ? "" : bytes.data(), bytes.size(), source, error);
    });
  }
  static Source fd(int fd, std::string_view name) {
    detail::Argument called(name);
    return make([&](cdpb_source **source, cdpb_error **error) {
      return cdpb_source_from_fd(fd, called.get(), source, error);
    });
  }
  static Source file(std::FILE *file, std::string_view name) {
    detail::Argument called(name);
    return make([&](cdpb_source **source, cdpb_error **error) {
      return cdpb_source_from_file(file, called.get(), source, error);
    });
  }
  /// `read` fills a buffer with at most so many bytes and returns how many; 0 at the end. It is called on other threads;
  /// an exception is an error of the source.
  static Source reader(std::function<std::size_t(char *, std::size_t)> read, std::string_view name) {
    using Read = std::function<std::size_t(char *, std::size_t)>;
    auto held = std::make_unique<Read>(std::move(read));
    auto ask = [](void *context, std::uint8_t *buffer, std::size_t length) noexcept -> std::int64_t {
      try {
        return static_cast<std::int64_t>((*static_cast<Read *>(context))(reinterpret_cast<char *>(buffer), length));
      } catch (...) {
        return -1;
      }
    };
    auto release = [](void *context) noexcept { delete static_cast<Read *>(context); };
    detail::Argument called(name);
    Source source = make([&](cdpb_source **source, cdpb_error **error) {
      return cdpb_source_from_reader(ask, release, held.get(), called.get(), source, error);
    });
    held.release();
    return source;
  }

  const cdpb_source *get() const noexcept { return handle_.get(); }

 private:
  explicit Source(cdpb_source *source) : handle_(source) {}

  template <typename Call>
  static Source make(Call &&call) {
    cdpb_source *source = nullptr;
    detail::check([&](cdpb_error **error) { return call(&source, error); });
    return Source(source);
  }

  detail::SourceHandle handle_;
};

/// An upload that is fed record by record. Destroyed before `close`, it ends as cancelled.
class Writer {
 public:
  Writer(detail::WriterHandle writer, Operation<Report> upload)
      : handle_(std::move(writer)), upload_(std::move(upload)) {}

  /// Pushes one record, JSON text, waiting as long as the queue is full. ClosedError means that the run has ended: `close`
  /// throws why.
  void push(std::string_view record) {
    while (!push_for(record, std::chrono::milliseconds(1000))) {
    }
  }
  /// Pushes one record unless the queue stays full for this long; false if it did.
  bool push_for(std::string_view record, std::chrono::milliseconds limit) {
    bool is_full = false;
    detail::check([&](cdpb_error **error) -> cdpb_code {
      cdpb_code code = cdpb_writer_push(handle_.get(), record.data() == nullptr ? "" : record.data(), record.size(),
                                        detail::milliseconds(limit), error);
      is_full = code == CDPB_TIMEOUT;
      if (!is_full) {
        return code;
      }
      // A full queue is no exception.
      detail::ErrorHandle(std::exchange(*error, nullptr));
      return CDPB_OK;
    });
    return !is_full;
  }
  /// Says that every record was pushed, and returns at once.
  void finish() {
    detail::check([&](cdpb_error **error) { return cdpb_writer_finish(handle_.get(), error); });
  }
  /// Says that every record was pushed, if that was not said, and waits for the report. A run that ended early throws why.
  Report close() {
    cdpb_writer_finish(handle_.get(), nullptr);
    return upload_.get();
  }
  /// The run: to wait, cancel and listen.
  const Operation<Report> &upload() const noexcept { return upload_; }

 private:
  detail::WriterHandle handle_;
  Operation<Report> upload_;
};

/// The service's list of batches, fetched as it is read: `for (const std::string &json : client.batches())`.
class Batches {
 public:
  explicit Batches(detail::BatchesHandle handle) : handle_(std::move(handle)) {}

  /// Fetches the next batch, as JSON; none after the last.
  Operation<std::optional<std::string>> fetch() {
    return detail::start<std::optional<std::string>>([&](cdpb_operation **operation, cdpb_error **error) {
      return cdpb_batches_next(handle_.get(), operation, error);
    });
  }
  /// Waits for the next batch.
  std::optional<std::string> next() { return fetch().get(); }

  detail::Iterator<Batches, std::string> begin() { return detail::Iterator<Batches, std::string>(this); }
  detail::Iterator<Batches, std::string> end() { return {}; }

 private:
  detail::BatchesHandle handle_;
};

/// A service, credentials, and default options. Its functions may be called from any thread.
class Client {
 public:
  /// The client of a region: `eu`, `us`, `ap` or `jp`.
  static Client of_region(std::string_view region, std::string_view client_key, std::string_view api_token,
                          std::string_view options = {}) {
    return Client(region, {}, client_key, api_token, options);
  }
  static Client of_url(std::string_view base_url, std::string_view client_key, std::string_view api_token,
                       std::string_view options = {}) {
    return Client({}, base_url, client_key, api_token, options);
  }
  /// From `CDP_REGION` or `CDP_BASE_URL`, `CDP_CLIENT_KEY` and `CDP_API_TOKEN`.
  static Client from_env(std::string_view options = {}) {
    cdpb_client *client = nullptr;
    detail::Argument changes(options);
    detail::check([&](cdpb_error **error) { return cdpb_client_from_env(changes.get(), &client, error); });
    return Client(client);
  }

  /// Checks, packs, uploads, waits and explains.
  Operation<Report> upload(const Source &source, std::string_view options = {}) const {
    detail::Argument changes(options);
    return detail::start<Report>([&](cdpb_operation **operation, cdpb_error **error) {
      return cdpb_client_upload(handle_.get(), source.get(), changes.get(), operation, error);
    });
  }
  /// Ends as soon as storage has accepted every part.
  Operation<Run> submit(const Source &source, std::string_view options = {}) const {
    detail::Argument changes(options);
    return detail::start<Run>([&](cdpb_operation **operation, cdpb_error **error) {
      return cdpb_client_submit(handle_.get(), source.get(), changes.get(), operation, error);
    });
  }
  /// An upload that is fed record by record.
  Writer writer(std::string_view options = {}) const {
    detail::Argument changes(options);
    cdpb_writer *writer = nullptr;
    auto upload = detail::start<Report>([&](cdpb_operation **operation, cdpb_error **error) {
      return cdpb_client_writer(handle_.get(), changes.get(), &writer, operation, error);
    });
    return Writer(detail::WriterHandle(writer), std::move(upload));
  }
  /// Checks every record, without the service; ends with JSON.
  Operation<std::string> validate(const Source &source, std::string_view options = {}) const {
    detail::Argument changes(options);
    return detail::start<std::string>([&](cdpb_operation **operation, cdpb_error **error) {
      return cdpb_client_validate(handle_.get(), source.get(), changes.get(), operation, error);
    });
  }
  /// Packs records into files, without the service.
  Operation<Packed> pack(const Source &source, std::string_view folder, std::string_view options = {}) const {
    detail::Argument place(folder), changes(options);
    return detail::start<Packed>([&](cdpb_operation **operation, cdpb_error **error) {
      return cdpb_client_pack(handle_.get(), source.get(), place.get(), changes.get(), operation, error);
    });
  }
  /// Goes on with a run from its journal in `state_dir`.
  Operation<Report> resume(std::string_view run_id) const {
    detail::Argument name(run_id);
    return detail::start<Report>([&](cdpb_operation **operation, cdpb_error **error) {
      return cdpb_client_resume(handle_.get(), name.get(), operation, error);
    });
  }
  /// Every run in the journal, as JSON.
  std::string runs() const {
    char *runs = nullptr;
    detail::check([&](cdpb_error **error) { return cdpb_client_runs(handle_.get(), &runs, error); });
    return detail::owned(runs);
  }
  /// Compares the journal with the service's list; ends with JSON.
  Operation<std::string> reconcile() const {
    return detail::start<std::string>([&](cdpb_operation **operation, cdpb_error **error) {
      return cdpb_client_reconcile(handle_.get(), operation, error);
    });
  }
  /// Waits until these batches have finished; ends with JSON.
  Operation<std::string> wait(const std::vector<std::string> &refs, std::string_view options = {}) const {
    detail::Arguments batches(refs);
    detail::Argument changes(options);
    return detail::start<std::string>([&](cdpb_operation **operation, cdpb_error **error) {
      return cdpb_client_wait(handle_.get(), batches.get(), changes.get(), operation, error);
    });
  }
  /// What came of these batches.
  Operation<Report> report(const std::vector<std::string> &refs) const {
    detail::Arguments batches(refs);
    return detail::start<Report>([&](cdpb_operation **operation, cdpb_error **error) {
      return cdpb_client_report(handle_.get(), batches.get(), operation, error);
    });
  }
  /// The state of one batch, as JSON.
  Operation<std::string> batch_status(std::string_view ref) const {
    return of_batch<std::string>(ref, cdpb_client_batch_status);
  }
  /// Waits until one batch has finished; ends with JSON.
  Operation<std::string> batch_wait(std::string_view ref) const {
    return of_batch<std::string>(ref, cdpb_client_batch_wait);
  }
  /// The records that the service refused in one batch.
  Operation<Rejects> batch_errors(std::string_view ref) const {
    return of_batch<Rejects>(ref, cdpb_client_batch_errors);
  }
  /// The batches of the last 30 days that match a query.
  Batches batches(std::string_view query = {}) const {
    cdpb_batches *batches = nullptr;
    detail::Argument asked(query);
    detail::check([&](cdpb_error **error) { return cdpb_client_batches(handle_.get(), asked.get(), &batches, error); });
    return Batches(detail::BatchesHandle(batches));
  }

 private:
  explicit Client(cdpb_client *client) : handle_(client) {}

  Client(std::string_view region, std::string_view base_url, std::string_view client_key, std::string_view api_token,
         std::string_view options) {
    detail::Argument place(region), url(base_url), key(client_key), token(api_token), defaults(options);
    cdpb_client *client = nullptr;
    detail::check([&](cdpb_error **error) {
      return cdpb_client_new(place.get(), url.get(), key.get(), token.get(), defaults.get(), &client, error);
    });
    handle_.reset(client);
  }

  template <typename T, typename Call>
  Operation<T> of_batch(std::string_view ref, Call call) const {
    detail::Argument batch(ref);
    return detail::start<T>([&](cdpb_operation **operation, cdpb_error **error) {
      return call(handle_.get(), batch.get(), operation, error);
    });
  }

  detail::ClientHandle handle_;
};

}  // namespace cdp_batch

#endif  // CDP_BATCH_HPP
