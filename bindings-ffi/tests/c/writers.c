/* Rows and bytes that are pushed. */
#include <pthread.h>

#include "contract.h"

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

static void rows_are_a_source_for_any_call_and_end_with_their_writer(void) {
  cdpb_client *client = client_of(emulator, FAST);
  for (int way = 0; way < 2; way++) {
    cdpb_writer *writer = NULL;
    cdpb_source *source = NULL;
    cdpb_operation *operation = NULL;
    char *json = NULL;
    CHECK(cdpb_source_from_rows(&writer, &source, NULL) == CDPB_OK);
    CHECK(cdpb_client_validate(client, source, NULL, &operation, NULL) == CDPB_OK);
    cdpb_source_free(source);
    CHECK(cdpb_writer_push(writer, "[]", 2, 1000, NULL) == CDPB_OK);
    if (way == 0) {
      CHECK(cdpb_writer_finish(writer, NULL) == CDPB_OK);
    }
    cdpb_writer_free(writer);
    join(operation);
    CHECK(cdpb_operation_take_json(operation, &json, NULL) == (way == 0 ? CDPB_OK : CDPB_CANCELLED));
    CHECK(way == 1 || strstr(json, "\"read\":1,\"invalid\":1") != NULL);
    cdpb_string_free(json);
    cdpb_operation_free(operation);
  }
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

static void a_file_is_pushed_in_pieces_and_ends_with_its_writer(void) {
  cdpb_client *client = client_of(emulator, FAST);
  for (int way = 0; way < 2; way++) {
    cdpb_source *source = NULL;
    cdpb_writer *writer = NULL;
    cdpb_operation *operation = NULL;
    cdpb_report *report = NULL;
    CHECK(cdpb_source_from_stream("pushed", &writer, &source, NULL) == CDPB_OK);
    CHECK(cdpb_client_upload(client, source, NULL, &operation, NULL) == CDPB_OK);
    cdpb_source_free(source);
    char row[300];
    size_t length = (size_t)snprintf(row, sizeof row, ROW, 1, 1, 1), half = length / 2;
    CHECK(cdpb_writer_push(writer, row, half, 1000, NULL) == CDPB_OK);
    CHECK(cdpb_writer_push(writer, row + half, length - half, 1000, NULL) == CDPB_OK);
    if (way == 0) {
      CHECK(cdpb_writer_finish(writer, NULL) == CDPB_OK);
    }
    cdpb_writer_free(writer);
    join(operation);
    cdpb_code code = cdpb_operation_take_report(operation, &report, NULL);
    CHECK(way == 0 ? code == CDPB_OK && cdpb_report_counts(report).confirmed == 1 : code == CDPB_CANCELLED);
    cdpb_report_free(report);
    cdpb_operation_free(operation);
  }
  cdpb_client_free(client);
}

void writers(void) {
  RUN(rows_are_pushed_from_several_threads_and_finished);
  RUN(rows_are_a_source_for_any_call_and_end_with_their_writer);
  RUN(a_writer_that_is_given_up_ends_the_run_as_cancelled);
  RUN(a_push_waits_no_longer_than_it_is_told);
  RUN(a_file_is_pushed_in_pieces_and_ends_with_its_writer);
}
