/* Operations: waited for, listened to, cancelled, and taken from once. */
#include <pthread.h>

#include "contract.h"

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

static void a_wait_for_the_end_or_an_event_gives_up_when_its_time_is_over(void) {
  cdpb_emulator *slow = slow_emulator();
  cdpb_client *client = client_of(slow, "{\"wait\": {\"min_ms\": 3600000, \"max_ms\": 3600000}}");
  cdpb_operation *operation = upload(client, file(GUESTS), NULL);
  until_uploaded(operation);
  char *event = UNTOUCHED;
  while (event != NULL) {
    event = cdpb_operation_next_event(operation, 50);
    cdpb_string_free(event);
  }
  CHECK(!cdpb_operation_wait(operation, 50) && !cdpb_operation_wait(operation, 0));
  cdpb_operation_free(operation);
  cdpb_client_free(client);
  cdpb_emulator_free(slow);
}

void operations(void) {
  RUN(an_outcome_is_taken_once_as_what_it_is_and_not_before_the_end);
  RUN(a_call_that_is_cancelled_ends_and_names_its_run);
  RUN(an_operation_that_is_freed_is_cancelled_and_what_it_reads_released);
  RUN(a_client_may_be_freed_before_its_work_is_done);
  RUN(the_last_event_is_done);
  RUN(a_callback_is_called_once_at_the_end_and_at_once_after_it);
  RUN(a_wait_for_the_end_or_an_event_gives_up_when_its_time_is_over);
}
