/* What records can be read from. */
#include <fcntl.h>
#include <unistd.h>

#include "contract.h"

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

static void a_path_may_be_any_bytes_and_other_text_is_utf_8(void) {
  char folder[] = "/tmp/cdpb-XXXXXX", path[64], command[200];
  CHECK(mkdtemp(folder) != NULL);
  snprintf(path, sizeof path, "%s/\xff\xfe.ndjson", folder);
  snprintf(command, sizeof command, "cp %s %s", GUESTS, path);
  CHECK(system(command) == 0);
  CHECK(confirmed(file(path)) == 3);
  remove_folder(folder);
  cdpb_source *source = UNTOUCHED;
  CHECK(cdpb_source_from_glob("examples/\xff*", &source, NULL) == CDPB_INVALID_OPTIONS);
  CHECK(cdpb_source_from_fd(0, "\xff", &source, NULL) == CDPB_INVALID_OPTIONS && source == UNTOUCHED);
}

void sources(void) {
  RUN(a_glob_and_several_paths_are_read_one_after_the_other);
  RUN(bytes_are_copied);
  RUN(a_descriptor_is_duplicated_and_read_from_where_it_stands);
  RUN(a_stdio_stream_is_read_from_where_it_stands);
  RUN(a_callback_is_asked_until_it_ends_and_released_once);
  RUN(a_callback_that_fails_or_says_too_much_is_an_error_of_the_source);
  RUN(a_source_is_read_once);
  RUN(a_path_may_be_any_bytes_and_other_text_is_utf_8);
}
