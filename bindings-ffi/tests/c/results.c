/* Reports, runs, rejects, lists and local work. */
#include <unistd.h>

#include "contract.h"

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

void results(void) {
  RUN(a_file_is_uploaded_and_confirmed);
  RUN(a_submitted_run_is_waited_for_and_found_by_its_refs);
  RUN(rejects_are_read_one_by_one_as_often_as_wanted_and_written);
  RUN(the_list_ends_with_null);
  RUN(records_are_checked_and_packed_without_the_service);
  RUN(a_run_is_resumed_from_its_journal);
}
