/* Errors, and what is refused at once. */
#include "contract.h"

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

void errors(void) {
  RUN(an_error_carries_every_field_and_the_report);
  RUN(an_answer_of_the_service_is_told_with_its_status);
  RUN(a_misspelt_option_and_a_wrong_query_are_refused_at_once);
}
