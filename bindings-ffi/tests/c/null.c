/* Every pointer may be NULL. */
#include "contract.h"

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
  /* One of the two may be. */
  CHECK(cdpb_client_new(NULL, NULL, KEY, TOKEN, NULL, &new_client, &error) == CDPB_INVALID_OPTIONS);
  CHECK_TEXT(cdpb_error_message(error), "give either region or base_url");
  cdpb_error_free(error);
  error = NULL;
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
  REFUSED(cdpb_source_from_rows(NULL, &new_source, &error));
  REFUSED(cdpb_source_from_rows(&writer, NULL, &error));
  REFUSED(cdpb_source_from_stream(NULL, &writer, &new_source, &error));
  REFUSED(cdpb_source_from_stream("pushed", NULL, &new_source, &error));
  REFUSED(cdpb_source_from_stream("pushed", &writer, NULL, &error));
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

void null(void) {
  RUN(every_pointer_may_be_null);
  RUN(what_returns_no_code_answers_null_with_nothing);
  RUN(freeing_null_is_fine);
}
