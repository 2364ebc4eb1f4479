#include "contract.h"

char untouched;
cdpb_emulator *emulator;

void join(const cdpb_operation *operation) {
  while (!cdpb_operation_wait(operation, 1000)) {
  }
}

cdpb_client *client_of(const cdpb_emulator *of, const char *options) {
  cdpb_client *client = NULL;
  CHECK(cdpb_client_new(NULL, cdpb_emulator_base_url(of), KEY, TOKEN, options, &client, NULL) == CDPB_OK);
  return client;
}

cdpb_source *file(const char *path) {
  cdpb_source *source = NULL;
  CHECK(cdpb_source_from_path(path, &source, NULL) == CDPB_OK);
  return source;
}

cdpb_operation *upload(const cdpb_client *client, cdpb_source *source, const char *options) {
  cdpb_operation *operation = NULL;
  CHECK(cdpb_client_upload(client, source, options, &operation, NULL) == CDPB_OK);
  cdpb_source_free(source);
  return operation;
}

cdpb_report *reported(cdpb_operation *operation) {
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

uint64_t confirmed(cdpb_source *source) {
  cdpb_client *client = client_of(emulator, FAST);
  cdpb_report *report = reported(upload(client, source, NULL));
  cdpb_counts counts = cdpb_report_counts(report);
  CHECK(cdpb_report_ok(report) && counts.read == counts.confirmed);
  cdpb_report_free(report);
  cdpb_client_free(client);
  return counts.confirmed;
}

cdpb_emulator *slow_emulator(void) {
  cdpb_emulator *slow = cdpb_emulator_start("{" EMULATED ", \"records_per_second\": 0.00001}");
  CHECK(slow != NULL);
  return slow;
}

void until_uploaded(const cdpb_operation *operation) {
  bool uploaded = false;
  while (!uploaded) {
    char *event = cdpb_operation_next_event(operation, 1000);
    uploaded = event != NULL && strstr(event, "\"uploaded\"") != NULL;
    cdpb_string_free(event);
  }
}

void remove_folder(const char *folder) {
  char command[64];
  snprintf(command, sizeof command, "rm -r %s", folder);
  CHECK(system(command) == 0);
}

/* Gives a row in as many pieces as it is asked for. */
int64_t read_row(void *context, uint8_t *buffer, size_t length) {
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

void release_rows(void *context) { ((struct rows *)context)->released++; }

cdpb_source *reader(struct rows *rows) {
  cdpb_source *source = NULL;
  CHECK(cdpb_source_from_reader(read_row, release_rows, rows, "reader", &source, NULL) == CDPB_OK);
  return source;
}
