/* The contract of bindings-ffi/README.md, sentence by sentence, as a program in C meets it. */
#include <cdp_batch.h>
#include <cdp_batch_testing.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdalign.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../check.h"
#include "second.h"

#define KEY "test-client-key"
#define TOKEN "test-api-token"
#define FAST "{\"wait\": {\"min_ms\": 5, \"max_ms\": 40}}"
#define EMULATED "\"client_key\": \"" KEY "\", \"api_token\": \"" TOKEN "\""
#define GUESTS "examples/data/guests.ndjson"
#define FAULTY "examples/data/guests-with-faults.ndjson"
#define NOBODY "6a6f8cb0-0d51-4c3e-8a3b-0f6d7b0f4aff"
#define ROW "{\"ref\":\"6a6f8cb0-0d51-4c3e-8a3b-%012d\",\"schema\":\"guest\",\"mode\":\"upsert\"," \
  "\"value\":{\"guestType\":\"customer\",\"email\":\"a%d@example.com\",\"identifiers\":[{\"provider\":\"CRM\",\"id\":\"%d\"}]}}"

/* Started once: most tests only send to it. */
static cdpb_emulator *emulator;
/* Something that is not NULL, to see that a call left it alone. */
static char untouched;
#define UNTOUCHED ((void *)&untouched)

static void join(const cdpb_operation *operation) {
  while (!cdpb_operation_wait(operation, 1000)) {
  }
}

static cdpb_client *client_of(const cdpb_emulator *of, const char *options) {
  cdpb_client *client = NULL;
  CHECK(cdpb_client_new(NULL, cdpb_emulator_base_url(of), KEY, TOKEN, options, &client, NULL) == CDPB_OK);
  return client;
}

static cdpb_source *file(const char *path) {
  cdpb_source *source = NULL;
  CHECK(cdpb_source_from_path(path, &source, NULL) == CDPB_OK);
  return source;
}

static cdpb_operation *upload(const cdpb_client *client, cdpb_source *source, const char *options) {
  cdpb_operation *operation = NULL;
  CHECK(cdpb_client_upload(client, source, options, &operation, NULL) == CDPB_OK);
  cdpb_source_free(source);
  return operation;
}

/* The report of an operation that must succeed. */
static cdpb_report *reported(cdpb_operation *operation) {
  cdpb_report *report = NULL;
  cdpb_error *error = NULL;
  join(operation);
  cdpb_operation_take_report(operation, &report, &error);
  if (error != NULL) {
    puts(cdpb_error_message(error));
  }
  CHECK(report != NULL);
  cdpb_operation_free(operation);
  return report;
}

/* Uploads all of a source and says how many records are confirmed. */
static uint64_t confirmed(cdpb_source *source) {
  cdpb_client *client = client_of(emulator, FAST);
  cdpb_report *report = reported(upload(client, source, NULL));
  cdpb_counts counts = cdpb_report_counts(report);
  CHECK(cdpb_report_ok(report) && counts.read == counts.confirmed);
  cdpb_report_free(report);
  cdpb_client_free(client);
  return counts.confirmed;
}

/* An upload that stays under way: the service takes days to process it. */
static cdpb_emulator *slow_emulator(void) {
  cdpb_emulator *slow = cdpb_emulator_start("{" EMULATED ", \"records_per_second\": 0.00001}");
  CHECK(slow != NULL);
  return slow;
}

/* Everything is read when the first part is stored. */
static void until_uploaded(const cdpb_operation *operation) {
  bool uploaded = false;
  while (!uploaded) {
    char *event = cdpb_operation_next_event(operation, 1000);
    uploaded = event != NULL && strstr(event, "\"uploaded\"") != NULL;
    cdpb_string_free(event);
  }
}

static void remove_folder(const char *folder) {
  char command[64];
  snprintf(command, sizeof command, "rm -r %s", folder);
  CHECK(system(command) == 0);
}

/* ---- The header ---- */

_Static_assert(CDPB_OK == 0, "success is nothing");
_Static_assert(CDPB_INVALID_OPTIONS == 101 && CDPB_INVALID_RECORD == 102 && CDPB_RECORD_TOO_LARGE == 103, "frozen");
_Static_assert(CDPB_IO == 110 && CDPB_JOURNAL == 111, "frozen");
_Static_assert(CDPB_UNAUTHORIZED == 201 && CDPB_REJECTED == 202 && CDPB_NOT_FOUND == 203, "frozen");
_Static_assert(CDPB_CONFLICT == 204 && CDPB_RATE_LIMITED == 210 && CDPB_UNAVAILABLE == 211, "frozen");
_Static_assert(CDPB_TLS == 212 && CDPB_TIMEOUT == 213 && CDPB_UPLOAD_EXPIRED == 220, "frozen");
_Static_assert(CDPB_INTEGRITY == 221 && CDPB_BATCH_CORRUPTED == 230 && CDPB_RECORDS_REJECTED == 231, "frozen");
_Static_assert(CDPB_PROTOCOL == 240 && CDPB_CANCELLED == 301 && CDPB_CLOSED == 302, "frozen");
_Static_assert(CDPB_INTERNAL == 900, "frozen");
_Static_assert(sizeof(cdpb_code) == 4 && sizeof(cdpb_counts) == 6 * 8 && alignof(cdpb_counts) == alignof(uint64_t), "frozen");
_Static_assert(offsetof(cdpb_counts, read) == 0 && offsetof(cdpb_counts, packed) == 8, "frozen");
_Static_assert(offsetof(cdpb_counts, sent) == 16 && offsetof(cdpb_counts, confirmed) == 24, "frozen");
_Static_assert(offsetof(cdpb_counts, rejected) == 32 && offsetof(cdpb_counts, unknown) == 40, "frozen");

static void the_library_says_which_version_it_is(void) {
  CHECK_TEXT(version_seen_elsewhere(), cdpb_version());
  CHECK(cdpb_abi_version() >= CDPB_ABI_VERSION);
}

/* ---- The main road ---- */

static void a_file_is_uploaded_and_confirmed(void) {
  cdpb_client *client = client_of(emulator, FAST);
  cdpb_report *report = reported(upload(client, file(GUESTS), "{\"run_id\": \"a-file\"}"));
  CHECK(cdpb_report_ok(report) && !cdpb_report_resumed(report));
  CHECK_TEXT(cdpb_report_run_id(report), "a-file");
  CHECK(cdpb_report_counts(report).confirmed == 3);
  CHECK_TEXT(cdpb_report_batch_status(report, 0), "success");
  CHECK(cdpb_report_batch_records(report, 0) == 3 && strlen(cdpb_report_batch_ref(report, 0)) == 36);
  CHECK(cdpb_report_batch_ref(report, 1) == NULL && cdpb_report_batch_status(report, 1) == NULL);
  CHECK(cdpb_report_reason_code(report, 0) == NULL && cdpb_report_reason_count(report, 0) == 0);
  char *json = cdpb_report_json(report);
  CHECK(strstr(json, "\"run_id\":\"a-file\"") != NULL);
  cdpb_string_free(json);
  cdpb_report_free(report);
  cdpb_client_free(client);
}

/* ---- Sources ---- */

static void a_glob_and_several_paths_are_read_one_after_the_other(void) {
  cdpb_source *source = NULL;
  CHECK(cdpb_source_from_glob("examples/data/guests.nd*", &source, NULL) == CDPB_OK);
  CHECK(confirmed(source) == 3);
  const char *paths[] = {GUESTS, GUESTS, NULL};
  CHECK(cdpb_source_from_paths(paths, &source, NULL) == CDPB_OK);
  cdpb_client *client = client_of(emulator, FAST);
  cdpb_report *report = reported(upload(client, source, "{\"raise_on\": \"never\"}"));
  CHECK(cdpb_report_counts(report).read == 6);
  cdpb_report_free(report);
  cdpb_client_free(client);
}

static void bytes_are_copied(void) {
  char row[300];
  snprintf(row, sizeof row, ROW, 1, 1, 1);
  cdpb_source *source = NULL;
  CHECK(cdpb_source_from_bytes(row, strlen(row), &source, NULL) == CDPB_OK);
  memset(row, 'x', sizeof row);
  CHECK(confirmed(source) == 1);
}

static void a_descriptor_is_duplicated_and_read_from_where_it_stands(void) {
  int fd = open(GUESTS, O_RDONLY);
  char skipped;
  while (read(fd, &skipped, 1) == 1 && skipped != '\n') {
  }
  cdpb_source *source = NULL;
  CHECK(cdpb_source_from_fd(fd, "descriptor", &source, NULL) == CDPB_OK);
  close(fd);
  CHECK(confirmed(source) == 2);
  cdpb_error *error = NULL;
  CHECK(cdpb_source_from_fd(-1, "descriptor", &source, &error) == CDPB_IO);
  cdpb_error_free(error);
}

static void a_stdio_stream_is_read_from_where_it_stands(void) {
  FILE *stream = fopen(GUESTS, "r");
  int skipped;
  while ((skipped = getc(stream)) != '\n') {
  }
  cdpb_source *source = NULL;
  CHECK(cdpb_source_from_file(stream, "stream", &source, NULL) == CDPB_OK);
  CHECK(confirmed(source) == 2);
  fclose(stream);
}

struct rows {
  int left;
  int released;
  int64_t answer;
  char text[300];
  size_t length, given;
};

/* Gives a row in as many pieces as it is asked for. */
static int64_t read_row(void *context, uint8_t *buffer, size_t length) {
  struct rows *rows = context;
  if (rows->answer != 0) {
    return rows->answer;
  }
  if (rows->given == rows->length && rows->left > 0) {
    int row = rows->left--;
    rows->length = (size_t)snprintf(rows->text, sizeof rows->text, ROW "\n", row, row, row);
    rows->given = 0;
  }
  size_t piece = rows->length - rows->given < length ? rows->length - rows->given : length;
  memcpy(buffer, rows->text + rows->given, piece);
  rows->given += piece;
  return (int64_t)piece;
}

static void release_rows(void *context) { ((struct rows *)context)->released++; }

static cdpb_source *reader(struct rows *rows) {
  cdpb_source *source = NULL;
  CHECK(cdpb_source_from_reader(read_row, release_rows, rows, "reader", &source, NULL) == CDPB_OK);
  return source;
}

static void a_callback_is_asked_until_it_ends_and_released_once(void) {
  struct rows rows = {.left = 5};
  CHECK(confirmed(reader(&rows)) == 5);
  CHECK(rows.released == 1);
  struct rows unread = {.left = 5};
  cdpb_source_free(reader(&unread));
  CHECK(unread.left == 5 && unread.released == 1);
  struct rows refused = {.left = 5};
  cdpb_source *source = UNTOUCHED;
  CHECK(cdpb_source_from_reader(NULL, release_rows, &refused, "reader", &source, NULL) == CDPB_INVALID_OPTIONS);
  CHECK(refused.released == 0 && source == UNTOUCHED);
}

static void a_callback_that_fails_or_says_too_much_is_an_error_of_the_source(void) {
  cdpb_client *client = client_of(emulator, FAST);
  int64_t answers[] = {-1, INT64_MIN, INT64_MAX};
  for (size_t index = 0; index < 3; index++) {
    struct rows rows = {.answer = answers[index]};
    cdpb_operation *operation = upload(client, reader(&rows), NULL);
    cdpb_report *report = UNTOUCHED;
    cdpb_error *error = NULL;
    join(operation);
    CHECK(cdpb_operation_take_report(operation, &report, &error) == CDPB_IO);
    CHECK_TEXT(cdpb_error_source(error), "reader");
    CHECK(rows.released == 1 && report == UNTOUCHED);
    cdpb_error_free(error);
    cdpb_operation_free(operation);
  }
  cdpb_client_free(client);
}

static void a_source_is_read_once(void) {
  cdpb_client *client = client_of(emulator, FAST);
  cdpb_source *source = file(GUESTS);
  cdpb_operation *first = NULL, *second = UNTOUCHED;
  cdpb_error *error = NULL;
  CHECK(cdpb_client_upload(client, source, NULL, &first, &error) == CDPB_OK);
  CHECK(cdpb_client_upload(client, source, NULL, &second, &error) == CDPB_CLOSED);
  CHECK(second == UNTOUCHED);
  CHECK_TEXT(cdpb_error_stage(error), "read");
  cdpb_source_free(source);
  cdpb_report_free(reported(first));
  cdpb_error_free(error);
  cdpb_client_free(client);
}

/* ---- Rows ---- */

struct pusher {
  cdpb_writer *writer;
  int first;
};

static void *push_rows(void *context) {
  struct pusher *pusher = context;
  char row[300];
  for (int number = pusher->first; number < pusher->first + 50; number++) {
    int length = snprintf(row, sizeof row, ROW, number, number, number);
    while (cdpb_writer_push(pusher->writer, row, (size_t)length, 100, NULL) == CDPB_TIMEOUT) {
    }
  }
  return NULL;
}

static void rows_are_pushed_from_several_threads_and_finished(void) {
  cdpb_client *client = client_of(emulator, FAST);
  struct pusher pushers[2] = {{NULL, 1000}, {NULL, 2000}};
  cdpb_operation *operation = NULL;
  CHECK(cdpb_client_writer(client, NULL, &pushers[0].writer, &operation, NULL) == CDPB_OK);
  pushers[1].writer = pushers[0].writer;
  pthread_t threads[2];
  for (int index = 0; index < 2; index++) {
    CHECK(pthread_create(&threads[index], NULL, push_rows, &pushers[index]) == 0);
  }
  for (int index = 0; index < 2; index++) {
    pthread_join(threads[index], NULL);
  }
  cdpb_writer *writer = pushers[0].writer;
  CHECK(cdpb_writer_finish(writer, NULL) == CDPB_OK);
  CHECK(cdpb_writer_finish(writer, NULL) == CDPB_OK);
  CHECK(cdpb_writer_push(writer, "{}", 2, 0, NULL) == CDPB_CLOSED);
  cdpb_writer_abandon(writer);
  cdpb_report *report = reported(operation);
  CHECK(cdpb_report_counts(report).confirmed == 100);
  cdpb_report_free(report);
  cdpb_writer_free(writer);
  cdpb_client_free(client);
}

static void a_writer_that_is_given_up_ends_the_run_as_cancelled(void) {
  cdpb_client *client = client_of(emulator, FAST);
  for (int way = 0; way < 2; way++) {
    cdpb_writer *writer = NULL;
    cdpb_operation *operation = NULL;
    CHECK(cdpb_client_writer(client, NULL, &writer, &operation, NULL) == CDPB_OK);
    if (way == 0) {
      cdpb_writer_abandon(writer);
    }
    cdpb_writer_free(writer);
    join(operation);
    cdpb_report *report = NULL;
    CHECK(cdpb_operation_take_report(operation, &report, NULL) == CDPB_CANCELLED && report == NULL);
    cdpb_operation_free(operation);
  }
  cdpb_client_free(client);
}

static void a_push_waits_no_longer_than_it_is_told(void) {
  /* A part of its own for every record, and a service that never processes the first: the queue fills. */
  cdpb_emulator *slow = slow_emulator();
  cdpb_client *client = client_of(slow, "{\"max_batch_records\": 1}");
  cdpb_writer *writer = NULL;
  cdpb_operation *operation = NULL;
  CHECK(cdpb_client_writer(client, NULL, &writer, &operation, NULL) == CDPB_OK);
  char *row = malloc(200000);
  int length = snprintf(row, 300, ROW, 1, 1, 1);
  memset(row + length, ' ', 200000 - (size_t)length);
  cdpb_error *error = NULL;
  cdpb_code code = CDPB_OK;
  while (code == CDPB_OK) {
    code = cdpb_writer_push(writer, row, 200000, 10, &error);
  }
  CHECK(code == CDPB_TIMEOUT && cdpb_error_retryable(error));
  cdpb_operation_cancel(operation);
  join(operation);
  CHECK(cdpb_writer_push(writer, row, 200000, 10, NULL) == CDPB_CLOSED);
  free(row);
  cdpb_error_free(error);
  cdpb_operation_free(operation);
  cdpb_writer_free(writer);
  cdpb_client_free(client);
  cdpb_emulator_free(slow);
}

/* ---- Errors ---- */

static void an_error_carries_every_field_and_the_report(void) {
  cdpb_client *client = client_of(emulator, FAST);
  cdpb_operation *operation = upload(client, file(FAULTY), "{\"run_id\": \"faulty\"}");
  cdpb_error *error = NULL;
  cdpb_report *report = NULL;
  join(operation);
  CHECK(cdpb_operation_take_report(operation, &report, &error) == CDPB_RECORDS_REJECTED && report == NULL);
  CHECK(cdpb_error_code(error) == CDPB_RECORDS_REJECTED);
  CHECK_TEXT(cdpb_error_name(error), "records_rejected");
  CHECK(strlen(cdpb_error_message(error)) > 0);
  CHECK_TEXT(cdpb_error_stage(error), "report");
  CHECK_TEXT(cdpb_error_run_id(error), "faulty");
  CHECK(!cdpb_error_retryable(error) && cdpb_error_attempts(error) == 0 && cdpb_error_http_status(error) == 0);
  CHECK(cdpb_error_request_id(error) == NULL && cdpb_error_retry_after_ms(error) == -1);
  CHECK(cdpb_error_source(error) == NULL && cdpb_error_line(error) == 0);
  CHECK(strlen(cdpb_error_ref(error, 0)) == 36 && cdpb_error_ref(error, 1) == NULL);
  char *json = cdpb_error_json(error);
  CHECK(strstr(json, "\"code\":\"records_rejected\"") != NULL);
  cdpb_string_free(json);
  CHECK(cdpb_error_report(error, &report));
  CHECK(cdpb_report_counts(report).rejected == 3 && cdpb_report_reason_count(report, 0) == 1);
  CHECK(cdpb_report_reason_code(report, 2) != NULL && cdpb_report_reason_message(report, 2) != NULL);
  cdpb_error_free(error);
  CHECK_TEXT(cdpb_report_run_id(report), "faulty");
  cdpb_report_free(report);
  cdpb_operation_free(operation);
  cdpb_client_free(client);
}

static void an_answer_of_the_service_is_told_with_its_status(void) {
  cdpb_client *client = client_of(emulator, FAST);
  cdpb_operation *operation = NULL;
  cdpb_error *error = NULL;
  char *json = UNTOUCHED;
  CHECK(cdpb_client_batch_status(client, NOBODY, &operation, NULL) == CDPB_OK);
  join(operation);
  CHECK(cdpb_operation_take_json(operation, &json, &error) == CDPB_NOT_FOUND && json == UNTOUCHED);
  CHECK(cdpb_error_http_status(error) == 404 && cdpb_error_attempts(error) >= 1);
  CHECK_TEXT(cdpb_error_ref(error, 0), NOBODY);
  cdpb_error_free(error);
  cdpb_operation_free(operation);
  cdpb_client_free(client);
}

static void a_misspelt_option_and_a_wrong_query_are_refused_at_once(void) {
  cdpb_client *client = UNTOUCHED;
  cdpb_error *error = NULL;
  CHECK(cdpb_client_new("eu", NULL, KEY, TOKEN, "{\"max_batch_byte\": 1}", &client, &error) == CDPB_INVALID_OPTIONS);
  CHECK(strstr(cdpb_error_message(error), "max_batch_bytes") != NULL && client == UNTOUCHED);
  cdpb_error_free(error);
  CHECK(cdpb_client_new("eu", NULL, KEY, TOKEN, "[]", &client, NULL) == CDPB_INVALID_OPTIONS);
  CHECK(cdpb_client_new("eu", NULL, KEY, TOKEN, "\xff", &client, NULL) == CDPB_INVALID_OPTIONS);
  CHECK(cdpb_client_new("eu", "http://127.0.0.1:1", KEY, TOKEN, NULL, &client, NULL) == CDPB_INVALID_OPTIONS);
  client = client_of(emulator, NULL);
  cdpb_batches *batches = UNTOUCHED;
  const char *wrong[] = {"{\"stats\": []}", "{\"limit\": \"many\"}", "{\"created_after\": \"soon\"}", "{\"status\": [\"x\"}"};
  for (size_t index = 0; index < sizeof wrong / sizeof *wrong; index++) {
    CHECK(cdpb_client_batches(client, wrong[index], &batches, NULL) == CDPB_INVALID_OPTIONS);
  }
  CHECK(batches == UNTOUCHED);
  cdpb_client_free(client);
}

/* ---- NULL ---- */

static void every_pointer_may_be_null(void) {
  cdpb_client *client = client_of(emulator, NULL), *new_client = UNTOUCHED;
  cdpb_source *source = file(GUESTS), *new_source = UNTOUCHED;
  cdpb_operation *operation = UNTOUCHED;
  cdpb_batches *batches = UNTOUCHED;
  cdpb_writer *writer = UNTOUCHED;
  cdpb_rejects *rejects = UNTOUCHED;
  cdpb_reject *reject = UNTOUCHED;
  cdpb_report *report = UNTOUCHED;
  cdpb_packed *packed = UNTOUCHED;
  cdpb_run *run = UNTOUCHED;
  cdpb_error *error = NULL;
  char *text = UNTOUCHED;
  uint64_t number = 7;
  const char *none[] = {NULL};
#define REFUSED(call)                        \
  do {                                       \
    CHECK((call) == CDPB_INVALID_OPTIONS);   \
    CHECK(error != NULL);                    \
    CHECK(strstr(cdpb_error_message(error), "NULL") != NULL); \
    cdpb_error_free(error);                  \
    error = NULL;                            \
  } while (0)
  REFUSED(cdpb_client_new(NULL, NULL, KEY, TOKEN, NULL, &new_client, &error));
  REFUSED(cdpb_client_new("eu", NULL, NULL, TOKEN, NULL, &new_client, &error));
  REFUSED(cdpb_client_new("eu", NULL, KEY, NULL, NULL, &new_client, &error));
  REFUSED(cdpb_client_new("eu", NULL, KEY, TOKEN, NULL, NULL, &error));
  REFUSED(cdpb_client_from_env(NULL, NULL, &error));
  REFUSED(cdpb_client_upload(NULL, source, NULL, &operation, &error));
  REFUSED(cdpb_client_upload(client, NULL, NULL, &operation, &error));
  REFUSED(cdpb_client_upload(client, source, NULL, NULL, &error));
  REFUSED(cdpb_client_submit(NULL, source, NULL, &operation, &error));
  REFUSED(cdpb_client_submit(client, NULL, NULL, &operation, &error));
  REFUSED(cdpb_client_submit(client, source, NULL, NULL, &error));
  REFUSED(cdpb_client_writer(NULL, NULL, &writer, &operation, &error));
  REFUSED(cdpb_client_writer(client, NULL, NULL, &operation, &error));
  REFUSED(cdpb_client_writer(client, NULL, &writer, NULL, &error));
  REFUSED(cdpb_client_validate(NULL, source, NULL, &operation, &error));
  REFUSED(cdpb_client_validate(client, NULL, NULL, &operation, &error));
  REFUSED(cdpb_client_validate(client, source, NULL, NULL, &error));
  REFUSED(cdpb_client_pack(NULL, source, "unused", NULL, &operation, &error));
  REFUSED(cdpb_client_pack(client, NULL, "unused", NULL, &operation, &error));
  REFUSED(cdpb_client_pack(client, source, NULL, NULL, &operation, &error));
  REFUSED(cdpb_client_pack(client, source, "unused", NULL, NULL, &error));
  REFUSED(cdpb_client_resume(NULL, "run", &operation, &error));
  REFUSED(cdpb_client_resume(client, NULL, &operation, &error));
  REFUSED(cdpb_client_resume(client, "run", NULL, &error));
  REFUSED(cdpb_client_runs(NULL, &text, &error));
  REFUSED(cdpb_client_runs(client, NULL, &error));
  REFUSED(cdpb_client_reconcile(NULL, &operation, &error));
  REFUSED(cdpb_client_reconcile(client, NULL, &error));
  REFUSED(cdpb_client_wait(NULL, none, NULL, &operation, &error));
  REFUSED(cdpb_client_wait(client, NULL, NULL, &operation, &error));
  REFUSED(cdpb_client_wait(client, none, NULL, NULL, &error));
  REFUSED(cdpb_client_report(NULL, none, &operation, &error));
  REFUSED(cdpb_client_report(client, NULL, &operation, &error));
  REFUSED(cdpb_client_report(client, none, NULL, &error));
  REFUSED(cdpb_client_batch_status(NULL, NOBODY, &operation, &error));
  REFUSED(cdpb_client_batch_status(client, NULL, &operation, &error));
  REFUSED(cdpb_client_batch_status(client, NOBODY, NULL, &error));
  REFUSED(cdpb_client_batch_wait(NULL, NOBODY, &operation, &error));
  REFUSED(cdpb_client_batch_wait(client, NULL, &operation, &error));
  REFUSED(cdpb_client_batch_wait(client, NOBODY, NULL, &error));
  REFUSED(cdpb_client_batch_errors(NULL, NOBODY, &operation, &error));
  REFUSED(cdpb_client_batch_errors(client, NULL, &operation, &error));
  REFUSED(cdpb_client_batch_errors(client, NOBODY, NULL, &error));
  REFUSED(cdpb_client_batches(NULL, NULL, &batches, &error));
  REFUSED(cdpb_client_batches(client, NULL, NULL, &error));
  REFUSED(cdpb_batches_next(NULL, &operation, &error));
  REFUSED(cdpb_source_from_path(NULL, &new_source, &error));
  REFUSED(cdpb_source_from_path(GUESTS, NULL, &error));
  REFUSED(cdpb_source_from_paths(NULL, &new_source, &error));
  REFUSED(cdpb_source_from_paths(none, NULL, &error));
  REFUSED(cdpb_source_from_glob(NULL, &new_source, &error));
  REFUSED(cdpb_source_from_glob(GUESTS, NULL, &error));
  REFUSED(cdpb_source_from_bytes(NULL, 0, &new_source, &error));
  REFUSED(cdpb_source_from_bytes("", 0, NULL, &error));
  REFUSED(cdpb_source_from_fd(0, NULL, &new_source, &error));
  REFUSED(cdpb_source_from_fd(0, "fd", NULL, &error));
  REFUSED(cdpb_source_from_file(NULL, "file", &new_source, &error));
  REFUSED(cdpb_source_from_file(stdin, NULL, &new_source, &error));
  REFUSED(cdpb_source_from_file(stdin, "file", NULL, &error));
  REFUSED(cdpb_source_from_reader(NULL, NULL, NULL, "reader", &new_source, &error));
  REFUSED(cdpb_source_from_reader(read_row, NULL, NULL, NULL, &new_source, &error));
  REFUSED(cdpb_source_from_reader(read_row, NULL, NULL, "reader", NULL, &error));
  REFUSED(cdpb_writer_push(NULL, "{}", 2, 0, &error));
  REFUSED(cdpb_writer_finish(NULL, &error));
  REFUSED(cdpb_operation_on_done(NULL, release_rows, NULL, &error));
  REFUSED(cdpb_operation_take_report(NULL, &report, &error));
  REFUSED(cdpb_operation_take_run(NULL, &run, &error));
  REFUSED(cdpb_operation_take_rejects(NULL, &rejects, &error));
  REFUSED(cdpb_operation_take_packed(NULL, &packed, &error));
  REFUSED(cdpb_operation_take_json(NULL, &text, &error));
  REFUSED(cdpb_run_wait(NULL, &operation, &error));
  REFUSED(cdpb_report_rejects(NULL, &rejects, &error));
  REFUSED(cdpb_report_records_to_repeat(NULL, &rejects, &error));
  REFUSED(cdpb_report_write_rejects(NULL, "unused", &number, &error));
  REFUSED(cdpb_rejects_next(NULL, &reject, &error));
  REFUSED(cdpb_packed_rejects(NULL, &rejects, &error));
  CHECK(new_client == UNTOUCHED && new_source == UNTOUCHED && operation == UNTOUCHED && batches == UNTOUCHED);
  CHECK(writer == UNTOUCHED && rejects == UNTOUCHED && reject == UNTOUCHED && report == UNTOUCHED);
  CHECK(packed == UNTOUCHED && run == UNTOUCHED && text == UNTOUCHED && number == 7);
  /* An operation that is there, and everything else is not. */
  operation = upload(client, source, NULL);
  join(operation);
  REFUSED(cdpb_operation_on_done(operation, NULL, NULL, &error));
  REFUSED(cdpb_operation_take_report(operation, NULL, &error));
  REFUSED(cdpb_operation_take_run(operation, NULL, &error));
  REFUSED(cdpb_operation_take_rejects(operation, NULL, &error));
  REFUSED(cdpb_operation_take_packed(operation, NULL, &error));
  REFUSED(cdpb_operation_take_json(operation, NULL, &error));
  report = reported(operation);
  REFUSED(cdpb_report_rejects(report, NULL, &error));
  REFUSED(cdpb_report_records_to_repeat(report, NULL, &error));
  REFUSED(cdpb_report_write_rejects(report, NULL, &number, &error));
  REFUSED(cdpb_report_write_rejects(report, "unused", NULL, &error));
  CHECK(cdpb_report_rejects(report, &rejects, &error) == CDPB_OK);
  REFUSED(cdpb_rejects_next(rejects, NULL, &error));
  cdpb_rejects_free(rejects);
  cdpb_report_free(report);
  cdpb_client_free(client);
}

static void what_returns_no_code_answers_null_with_nothing(void) {
  size_t length = 7;
  CHECK(cdpb_operation_wait(NULL, UINT64_MAX) && cdpb_operation_next_event(NULL, UINT64_MAX) == NULL);
  cdpb_operation_cancel(NULL);
  cdpb_writer_abandon(NULL);
  CHECK(cdpb_error_code(NULL) == CDPB_OK && cdpb_error_name(NULL) == NULL && cdpb_error_message(NULL) == NULL);
  CHECK(cdpb_error_stage(NULL) == NULL && !cdpb_error_retryable(NULL) && cdpb_error_attempts(NULL) == 0);
  CHECK(cdpb_error_http_status(NULL) == 0 && cdpb_error_request_id(NULL) == NULL);
  CHECK(cdpb_error_retry_after_ms(NULL) == -1 && cdpb_error_run_id(NULL) == NULL && cdpb_error_ref(NULL, 0) == NULL);
  CHECK(cdpb_error_source(NULL) == NULL && cdpb_error_line(NULL) == 0 && cdpb_error_json(NULL) == NULL);
  CHECK(!cdpb_error_report(NULL, NULL));
  CHECK(cdpb_run_id(NULL) == NULL && cdpb_run_ref(NULL, 0) == NULL && cdpb_packed_json(NULL) == NULL);
  CHECK(cdpb_report_run_id(NULL) == NULL && !cdpb_report_ok(NULL) && !cdpb_report_resumed(NULL));
  CHECK(cdpb_report_counts(NULL).read == 0 && cdpb_report_batch_ref(NULL, 0) == NULL);
  CHECK(cdpb_report_batch_status(NULL, 0) == NULL && cdpb_report_batch_records(NULL, 0) == 0);
  CHECK(cdpb_report_reason_code(NULL, 0) == NULL && cdpb_report_reason_message(NULL, 0) == NULL);
  CHECK(cdpb_report_reason_count(NULL, 0) == 0 && cdpb_report_json(NULL) == NULL);
  CHECK(cdpb_reject_by(NULL) == NULL && cdpb_reject_source(NULL) == NULL && cdpb_reject_line(NULL) == 0);
  CHECK(cdpb_reject_ref(NULL) == NULL && cdpb_reject_batch(NULL) == NULL && cdpb_reject_code(NULL) == NULL);
  CHECK(cdpb_reject_message(NULL) == NULL && cdpb_reject_help(NULL) == NULL && cdpb_reject_json(NULL) == NULL);
  CHECK(cdpb_reject_record(NULL, &length) == NULL && length == 0 && cdpb_reject_record(NULL, NULL) == NULL);
}

static void freeing_null_is_fine(void) {
  cdpb_batches_free(NULL);
  cdpb_client_free(NULL);
  cdpb_error_free(NULL);
  cdpb_operation_free(NULL);
  cdpb_packed_free(NULL);
  cdpb_reject_free(NULL);
  cdpb_rejects_free(NULL);
  cdpb_report_free(NULL);
  cdpb_run_free(NULL);
  cdpb_source_free(NULL);
  cdpb_string_free(NULL);
  cdpb_writer_free(NULL);
  cdpb_emulator_free(NULL);
  cdpb_emulator_string_free(NULL);
}

/* ---- Operations ---- */

static void an_outcome_is_taken_once_as_what_it_is_and_not_before_the_end(void) {
  cdpb_emulator *slow = slow_emulator();
  cdpb_client *client = client_of(slow, FAST);
  cdpb_operation *operation = upload(client, file(GUESTS), NULL);
  cdpb_report *report = UNTOUCHED;
  char *json = UNTOUCHED;
  CHECK(!cdpb_operation_wait(operation, 0));
  CHECK(cdpb_operation_take_report(operation, &report, NULL) == CDPB_INVALID_OPTIONS && report == UNTOUCHED);
  until_uploaded(operation);
  cdpb_emulator_advance_clock(slow, UINT64_C(1000) * 60 * 60 * 24 * 20);
  join(operation);
  CHECK(cdpb_operation_take_json(operation, &json, NULL) == CDPB_INVALID_OPTIONS && json == UNTOUCHED);
  CHECK(cdpb_operation_take_report(operation, &report, NULL) == CDPB_OK);
  CHECK(cdpb_report_counts(report).confirmed == 3);
  cdpb_report_free(report);
  CHECK(cdpb_operation_take_report(operation, &report, NULL) == CDPB_CLOSED);
  cdpb_operation_free(operation);
  cdpb_client_free(client);
  cdpb_emulator_free(slow);
}

static void a_call_that_is_cancelled_ends_and_names_its_run(void) {
  cdpb_emulator *slow = slow_emulator();
  cdpb_client *client = client_of(slow, FAST);
  cdpb_operation *operation = upload(client, file(GUESTS), "{\"run_id\": \"stopped\"}");
  cdpb_error *error = NULL;
  cdpb_report *report = UNTOUCHED;
  cdpb_operation_cancel(operation);
  cdpb_operation_cancel(operation);
  join(operation);
  CHECK(cdpb_operation_take_report(operation, &report, &error) == CDPB_CANCELLED && report == UNTOUCHED);
  CHECK_TEXT(cdpb_error_run_id(error), "stopped");
  cdpb_operation_cancel(operation);
  cdpb_error_free(error);
  cdpb_operation_free(operation);
  cdpb_client_free(client);
  cdpb_emulator_free(slow);
}

static void an_operation_that_is_freed_is_cancelled_and_what_it_reads_released(void) {
  cdpb_emulator *slow = slow_emulator();
  cdpb_client *client = client_of(slow, FAST);
  struct rows *rows = calloc(1, sizeof *rows);
  rows->left = 3;
  cdpb_operation *operation = upload(client, reader(rows), NULL);
  until_uploaded(operation);
  cdpb_operation_free(operation);
  cdpb_client_free(client);
  CHECK(rows->left == 0);
  free(rows);
  cdpb_emulator_free(slow);
}

static void a_client_may_be_freed_before_its_work_is_done(void) {
  cdpb_client *client = client_of(emulator, FAST);
  cdpb_operation *operation = upload(client, file(GUESTS), NULL);
  cdpb_client_free(client);
  cdpb_report *report = reported(operation);
  CHECK(cdpb_report_counts(report).confirmed == 3);
  cdpb_report_free(report);
}

static void the_last_event_is_done(void) {
  cdpb_client *client = client_of(emulator, FAST);
  cdpb_operation *operation = upload(client, file(GUESTS), NULL);
  char *event = NULL, *last = NULL;
  join(operation);
  while ((event = cdpb_operation_next_event(operation, 1000)) != NULL) {
    cdpb_string_free(last);
    last = event;
  }
  CHECK(strstr(last, "\"type\":\"done\"") != NULL && strstr(last, "\"confirmed\":3") != NULL);
  cdpb_string_free(last);
  cdpb_operation_free(operation);
  cdpb_client_free(client);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t rung = PTHREAD_COND_INITIALIZER;

static void ring(void *context) {
  pthread_mutex_lock(&mutex);
  ++*(int *)context;
  pthread_cond_signal(&rung);
  pthread_mutex_unlock(&mutex);
}

static void a_callback_is_called_once_at_the_end_and_at_once_after_it(void) {
  cdpb_client *client = client_of(emulator, FAST);
  cdpb_operation *operation = upload(client, file(GUESTS), NULL);
  int rings = 0, late = 0;
  CHECK(cdpb_operation_on_done(operation, ring, &rings, NULL) == CDPB_OK);
  pthread_mutex_lock(&mutex);
  while (rings == 0) {
    pthread_cond_wait(&rung, &mutex);
  }
  pthread_mutex_unlock(&mutex);
  CHECK(cdpb_operation_wait(operation, 0));
  CHECK(cdpb_operation_on_done(operation, ring, &late, NULL) == CDPB_OK && late == 1);
  cdpb_operation_free(operation);
  CHECK(rings == 1);
  cdpb_client_free(client);
}

/* ---- Runs, rejects, lists ---- */

static void a_submitted_run_is_waited_for_and_found_by_its_refs(void) {
  cdpb_client *client = client_of(emulator, FAST);
  cdpb_source *source = file(GUESTS);
  cdpb_operation *operation = NULL;
  cdpb_run *run = NULL;
  char *json = NULL;
  CHECK(cdpb_client_submit(client, source, NULL, &operation, NULL) == CDPB_OK);
  cdpb_source_free(source);
  join(operation);
  CHECK(cdpb_operation_take_run(operation, &run, NULL) == CDPB_OK);
  cdpb_operation_free(operation);
  CHECK(strlen(cdpb_run_id(run)) > 0 && cdpb_run_ref(run, 1) == NULL);
  char batch[37];
  strcpy(batch, cdpb_run_ref(run, 0));
  CHECK(cdpb_run_wait(run, &operation, NULL) == CDPB_OK);
  cdpb_report_free(reported(operation));
  CHECK(cdpb_run_wait(run, &operation, NULL) == CDPB_OK);
  join(operation);
  cdpb_report *report = NULL;
  CHECK(cdpb_operation_take_report(operation, &report, NULL) == CDPB_CLOSED);
  cdpb_operation_free(operation);
  cdpb_run_free(run);

  const char *refs[] = {batch, NULL};
  CHECK(cdpb_client_wait(client, refs, NULL, &operation, NULL) == CDPB_OK);
  join(operation);
  CHECK(cdpb_operation_take_json(operation, &json, NULL) == CDPB_OK && strstr(json, batch) != NULL);
  cdpb_string_free(json);
  cdpb_operation_free(operation);
  CHECK(cdpb_client_report(client, refs, &operation, NULL) == CDPB_OK);
  report = reported(operation);
  CHECK(cdpb_report_counts(report).confirmed == 3);
  cdpb_report_free(report);
  CHECK(cdpb_client_batch_wait(client, batch, &operation, NULL) == CDPB_OK);
  join(operation);
  CHECK(cdpb_operation_take_json(operation, &json, NULL) == CDPB_OK && strstr(json, "success") != NULL);
  cdpb_string_free(json);
  cdpb_operation_free(operation);
  CHECK(cdpb_client_wait(client, (const char *[]){"x", NULL}, NULL, &operation, NULL) == CDPB_INVALID_OPTIONS);
  cdpb_client_free(client);
}

static void rejects_are_read_one_by_one_as_often_as_wanted_and_written(void) {
  cdpb_client *client = client_of(emulator, FAST);
  cdpb_report *report = reported(upload(client, file(FAULTY), "{\"raise_on\": \"never\"}"));
  cdpb_rejects *rejects = NULL;
  cdpb_reject *reject = NULL;
  for (int time = 0; time < 2; time++) {
    CHECK(cdpb_report_rejects(report, &rejects, NULL) == CDPB_OK);
    for (uint64_t line = 2; line <= 4; line++) {
      size_t length = 0;
      CHECK(cdpb_rejects_next(rejects, &reject, NULL) == CDPB_OK && reject != NULL);
      CHECK_TEXT(cdpb_reject_source(reject), FAULTY);
      CHECK(cdpb_reject_line(reject) == line && cdpb_reject_code(reject) != NULL);
      CHECK(cdpb_reject_record(reject, &length) != NULL && length > 0 && strlen(cdpb_reject_message(reject)) > 0);
      CHECK_TEXT(cdpb_reject_by(reject), line == 4 ? "service" : "us");
      CHECK((cdpb_reject_batch(reject) != NULL) == (line == 4) && (cdpb_reject_help(reject) != NULL || line != 4));
      char *json = cdpb_reject_json(reject);
      CHECK(strstr(json, "\"record\":") != NULL);
      cdpb_string_free(json);
      cdpb_reject_free(reject);
    }
    CHECK(cdpb_rejects_next(rejects, &reject, NULL) == CDPB_OK && reject == NULL);
    cdpb_rejects_free(rejects);
  }
  CHECK(cdpb_report_records_to_repeat(report, &rejects, NULL) == CDPB_OK);
  CHECK(cdpb_rejects_next(rejects, &reject, NULL) == CDPB_OK && reject == NULL);
  cdpb_rejects_free(rejects);

  char folder[] = "/tmp/cdpb-XXXXXX", path[64];
  CHECK(mkdtemp(folder) != NULL);
  snprintf(path, sizeof path, "%s/rejects.ndjson", folder);
  uint64_t written = 0;
  CHECK(cdpb_report_write_rejects(report, path, &written, NULL) == CDPB_OK && written == 3);
  CHECK(cdpb_report_write_rejects(report, folder, &written, NULL) == CDPB_IO && written == 3);
  remove_folder(folder);

  cdpb_operation *operation = NULL;
  CHECK(cdpb_client_batch_errors(client, cdpb_report_batch_ref(report, 0), &operation, NULL) == CDPB_OK);
  join(operation);
  CHECK(cdpb_operation_take_rejects(operation, &rejects, NULL) == CDPB_OK);
  cdpb_operation_free(operation);
  CHECK(cdpb_report_counts(report).rejected == 3);
  cdpb_report_free(report);
  cdpb_client_free(client);
  CHECK(cdpb_rejects_next(rejects, &reject, NULL) == CDPB_OK);
  CHECK_TEXT(cdpb_reject_code(reject), "400");
  cdpb_rejects_free(rejects);
  CHECK(cdpb_reject_record(reject, NULL) == NULL);
  cdpb_reject_free(reject);
}

static void the_list_ends_with_null(void) {
  cdpb_client *client = client_of(emulator, FAST);
  cdpb_batches *batches = NULL;
  CHECK(cdpb_client_batches(client, "{\"limit\": 2, \"sort\": \"-created\"}", &batches, NULL) == CDPB_OK);
  cdpb_client_free(client);
  for (int index = 0; index < 3; index++) {
    cdpb_operation *operation = NULL;
    char *json = UNTOUCHED;
    CHECK(cdpb_batches_next(batches, &operation, NULL) == CDPB_OK);
    join(operation);
    CHECK(cdpb_operation_take_json(operation, &json, NULL) == CDPB_OK && (json == NULL) == (index == 2));
    cdpb_string_free(json);
    cdpb_operation_free(operation);
  }
  cdpb_batches_free(batches);
}

static void records_are_checked_and_packed_without_the_service(void) {
  cdpb_client *client = NULL;
  CHECK(cdpb_client_new("eu", NULL, KEY, TOKEN, NULL, &client, NULL) == CDPB_OK);
  cdpb_source *source = file(FAULTY);
  cdpb_operation *operation = NULL;
  char *json = NULL;
  CHECK(cdpb_client_validate(client, source, NULL, &operation, NULL) == CDPB_OK);
  cdpb_source_free(source);
  join(operation);
  CHECK(cdpb_operation_take_json(operation, &json, NULL) == CDPB_OK && strstr(json, "\"findings\":[{") != NULL);
  cdpb_string_free(json);
  cdpb_operation_free(operation);

  char folder[] = "/tmp/cdpb-XXXXXX", part[64];
  CHECK(mkdtemp(folder) != NULL);
  cdpb_packed *packed = NULL;
  cdpb_rejects *rejects = NULL;
  cdpb_reject *reject = NULL;
  source = file(FAULTY);
  CHECK(cdpb_client_pack(client, source, folder, NULL, &operation, NULL) == CDPB_OK);
  cdpb_source_free(source);
  cdpb_client_free(client);
  join(operation);
  CHECK(cdpb_operation_take_packed(operation, &packed, NULL) == CDPB_OK);
  cdpb_operation_free(operation);
  json = cdpb_packed_json(packed);
  CHECK(strstr(json, "\"content_md5\":") != NULL && strstr(json, "\"rejected\":2") != NULL);
  char *path = strstr(json, "\"path\":\"") + strlen("\"path\":\"");
  *strchr(path, '"') = '\0';
  snprintf(part, sizeof part, "%s", path);
  cdpb_string_free(json);
  CHECK(cdpb_packed_rejects(packed, &rejects, NULL) == CDPB_OK);
  cdpb_packed_free(packed);
  CHECK(cdpb_rejects_next(rejects, &reject, NULL) == CDPB_OK && cdpb_reject_line(reject) == 2);
  cdpb_reject_free(reject);
  cdpb_rejects_free(rejects);
  CHECK(remove(part) == 0 && rmdir(folder) == 0);
}

static void a_run_is_resumed_from_its_journal(void) {
  char folder[] = "/tmp/cdpb-XXXXXX", options[200];
  CHECK(mkdtemp(folder) != NULL);
  snprintf(options, sizeof options, "{\"state_dir\": \"%s\", \"wait\": {\"min_ms\": 5, \"max_ms\": 40}}", folder);
  cdpb_client *client = client_of(emulator, options);
  cdpb_report_free(reported(upload(client, file(GUESTS), "{\"run_id\": \"journalled\"}")));
  cdpb_operation *operation = NULL;
  CHECK(cdpb_client_resume(client, "journalled", &operation, NULL) == CDPB_OK);
  cdpb_report *report = reported(operation);
  CHECK(cdpb_report_resumed(report) && cdpb_report_counts(report).confirmed == 3);
  cdpb_report_free(report);
  char *json = NULL;
  CHECK(cdpb_client_runs(client, &json, NULL) == CDPB_OK && strstr(json, "journalled") != NULL);
  cdpb_string_free(json);
  CHECK(cdpb_client_reconcile(client, &operation, NULL) == CDPB_OK);
  join(operation);
  CHECK(cdpb_operation_take_json(operation, &json, NULL) == CDPB_OK && json[0] == '{');
  cdpb_string_free(json);
  cdpb_operation_free(operation);
  cdpb_client_free(client);
  remove_folder(folder);
}

/* ---- Fork ---- */

static void what_was_made_before_a_fork_is_closed_in_the_child_which_makes_its_own(void) {
  cdpb_emulator *slow = slow_emulator();
  cdpb_client *client = client_of(slow, FAST), *other = client_of(emulator, FAST);
  cdpb_operation *operation = upload(client, file(GUESTS), NULL), *rows = NULL;
  cdpb_writer *writer = NULL;
  cdpb_batches *batches = NULL;
  CHECK(cdpb_client_writer(client, NULL, &writer, &rows, NULL) == CDPB_OK);
  CHECK(cdpb_client_batches(client, NULL, &batches, NULL) == CDPB_OK);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    cdpb_report *report = NULL;
    cdpb_operation *new_operation = NULL;
    cdpb_source *source = file(GUESTS);
    CHECK(cdpb_operation_wait(operation, UINT64_MAX));
    CHECK(cdpb_operation_take_report(operation, &report, NULL) == CDPB_CLOSED);
    CHECK(cdpb_client_upload(client, source, NULL, &new_operation, NULL) == CDPB_CLOSED);
    CHECK(cdpb_writer_push(writer, "{}", 2, UINT64_MAX, NULL) == CDPB_CLOSED);
    CHECK(cdpb_writer_finish(writer, NULL) == CDPB_CLOSED);
    CHECK(cdpb_batches_next(batches, &new_operation, NULL) == CDPB_CLOSED);
    CHECK(confirmed(source) == 3);
    cdpb_operation_free(rows);
    cdpb_operation_free(operation);
    cdpb_writer_free(writer);
    cdpb_batches_free(batches);
    cdpb_client_free(client);
    cdpb_client_free(other);
    cdpb_emulator_free(slow);
    /* What the parent's threads were working on is lost here, and memcheck would count it at an end of our own. */
    execlp("true", "true", (char *)NULL);
    _exit(1);
  }
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  /* The parent goes on as if nothing had been. */
  cdpb_report *report = reported(upload(other, file(GUESTS), NULL));
  CHECK(cdpb_report_counts(report).confirmed == 3);
  cdpb_report_free(report);
  cdpb_writer_free(writer);
  cdpb_operation_free(rows);
  cdpb_operation_free(operation);
  cdpb_batches_free(batches);
  cdpb_client_free(client);
  cdpb_client_free(other);
  cdpb_emulator_free(slow);
}

/* ---- Environment, emulator ---- */

static void a_client_comes_from_the_environment(void) {
  cdpb_client *client = UNTOUCHED;
  cdpb_error *error = NULL;
  unsetenv("CDP_REGION");
  unsetenv("CDP_BASE_URL");
  CHECK(cdpb_client_from_env(NULL, &client, &error) == CDPB_INVALID_OPTIONS && client == UNTOUCHED);
  CHECK(strstr(cdpb_error_message(error), "CDP_REGION") != NULL);
  cdpb_error_free(error);
  setenv("CDP_BASE_URL", cdpb_emulator_base_url(emulator), 1);
  setenv("CDP_CLIENT_KEY", KEY, 1);
  setenv("CDP_API_TOKEN", TOKEN, 1);
  CHECK(cdpb_client_from_env(FAST, &client, NULL) == CDPB_OK);
  cdpb_client_free(client);
}

static void the_emulator_tells_what_arrived_and_takes_faults(void) {
  cdpb_emulator *own = cdpb_emulator_start("{" EMULATED "}");
  cdpb_client *client = client_of(own, "{\"retry\": {\"attempts\": 1}, \"wait\": {\"min_ms\": 5}}");
  cdpb_report_free(reported(upload(client, file(GUESTS), NULL)));
  char *arrived = cdpb_emulator_arrived(own), *batches = cdpb_emulator_batches(own), *requests = cdpb_emulator_requests(own);
  CHECK(strstr(arrived, "@example.com") != NULL && batches[0] == '[' && requests[0] == '[');
  cdpb_emulator_string_free(arrived);
  cdpb_emulator_string_free(batches);
  cdpb_emulator_string_free(requests);
  CHECK(cdpb_emulator_set_faults(own, "{\"rules\": [{\"on\": \"allocate\", \"do\": {\"type\": \"status\", \"status\": 401}}]}"));
  CHECK(!cdpb_emulator_set_faults(own, "{\"rule\": 1}") && !cdpb_emulator_set_faults(own, NULL));
  cdpb_operation *operation = upload(client, file(GUESTS), NULL);
  cdpb_report *report = NULL;
  join(operation);
  CHECK(cdpb_operation_take_report(operation, &report, NULL) == CDPB_UNAUTHORIZED);
  cdpb_operation_free(operation);
  cdpb_client_free(client);
  cdpb_emulator_free(own);
  CHECK(cdpb_emulator_start("{\"client\": 1}") == NULL && cdpb_emulator_base_url(NULL) == NULL);
}

int main(void) {
  emulator = cdpb_emulator_start("{" EMULATED "}");
  CHECK(emulator != NULL);
  RUN(the_library_says_which_version_it_is);
  RUN(a_file_is_uploaded_and_confirmed);
  RUN(a_glob_and_several_paths_are_read_one_after_the_other);
  RUN(bytes_are_copied);
  RUN(a_descriptor_is_duplicated_and_read_from_where_it_stands);
  RUN(a_stdio_stream_is_read_from_where_it_stands);
  RUN(a_callback_is_asked_until_it_ends_and_released_once);
  RUN(a_callback_that_fails_or_says_too_much_is_an_error_of_the_source);
  RUN(a_source_is_read_once);
  RUN(rows_are_pushed_from_several_threads_and_finished);
  RUN(a_writer_that_is_given_up_ends_the_run_as_cancelled);
  RUN(a_push_waits_no_longer_than_it_is_told);
  RUN(an_error_carries_every_field_and_the_report);
  RUN(an_answer_of_the_service_is_told_with_its_status);
  RUN(a_misspelt_option_and_a_wrong_query_are_refused_at_once);
  RUN(every_pointer_may_be_null);
  RUN(what_returns_no_code_answers_null_with_nothing);
  RUN(freeing_null_is_fine);
  RUN(an_outcome_is_taken_once_as_what_it_is_and_not_before_the_end);
  RUN(a_call_that_is_cancelled_ends_and_names_its_run);
  RUN(an_operation_that_is_freed_is_cancelled_and_what_it_reads_released);
  RUN(a_client_may_be_freed_before_its_work_is_done);
  RUN(the_last_event_is_done);
  RUN(a_callback_is_called_once_at_the_end_and_at_once_after_it);
  RUN(a_submitted_run_is_waited_for_and_found_by_its_refs);
  RUN(rejects_are_read_one_by_one_as_often_as_wanted_and_written);
  RUN(the_list_ends_with_null);
  RUN(records_are_checked_and_packed_without_the_service);
  RUN(a_run_is_resumed_from_its_journal);
  RUN(what_was_made_before_a_fork_is_closed_in_the_child_which_makes_its_own);
  RUN(a_client_comes_from_the_environment);
  RUN(the_emulator_tells_what_arrived_and_takes_faults);
  cdpb_emulator_free(emulator);
  CLOSING_LINE();
  return 0;
}
