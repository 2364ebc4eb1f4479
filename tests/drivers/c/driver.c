/* The behaviour suite's driver for C: does what one JSON object a line asks for, through the public API, and answers the
 * same way. tests/README.md describes the protocol. */
#include <cdp_batch.h>
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What later requests refer to. */
static cdpb_client *client;
static cdpb_run *run;
static cdpb_report *report;

/* What a request leads to: an answer, or an error. */
struct outcome {
  cJSON *ok;
  cdpb_error *error;
  cJSON *events;
};

static const char *text(const cJSON *object, const char *name) {
  return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* Reads text of the library, and frees it. */
static cJSON *parsed(char *json) {
  cJSON *value = cJSON_Parse(json);
  cdpb_string_free(json);
  return value;
}

/* The texts of an array as pointers that end with NULL. */
static const char **texts(const cJSON *array) {
  const char **all = calloc((size_t)cJSON_GetArraySize(array) + 1, sizeof *all);
  const cJSON *item;
  size_t count = 0;
  cJSON_ArrayForEach(item, array) { all[count++] = cJSON_GetStringValue(item); }
  return all;
}

static int digit(char c) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const char *at = c == '\0' ? NULL : strchr(digits, c);
  return at == NULL ? -1 : (int)(at - digits);
}

static size_t from_base64(const char *encoded, unsigned char *bytes) {
  size_t length = 0;
  unsigned bits = 0, count = 0;
  for (; digit(*encoded) >= 0; encoded++) {
    bits = bits << 6 | (unsigned)digit(*encoded);
    if ((count += 6) >= 8) {
      bytes[length++] = (unsigned char)(bits >> (count -= 8));
    }
  }
  return length;
}

static cdpb_code open_source(const cJSON *asked, cdpb_source **source, cdpb_error **error) {
  const char *value;
  const cJSON *paths = cJSON_GetObjectItemCaseSensitive(asked, "paths");
  if ((value = text(asked, "path")) != NULL) {
    return cdpb_source_from_path(value, source, error);
  }
  if ((value = text(asked, "glob")) != NULL) {
    return cdpb_source_from_glob(value, source, error);
  }
  if ((value = text(asked, "text")) != NULL) {
    return cdpb_source_from_bytes(value, strlen(value), source, error);
  }
  if ((value = text(asked, "bytes_base64")) != NULL) {
    unsigned char *bytes = malloc(strlen(value) + 1);
    cdpb_code code = cdpb_source_from_bytes(bytes, from_base64(value, bytes), source, error);
    free(bytes);
    return code;
  }
  const char **files = texts(paths);
  cdpb_code code = cdpb_source_from_paths(files, source, error);
  free(files);
  return code;
}

/* Keeps the events until the last, cancels after the first of one type, and waits for the end. */
static void listen(cdpb_operation *operation, const char *cancel_after, cJSON *events) {
  const char *type = "";
  while (strcmp(type, "done") != 0) {
    char *json = cdpb_operation_next_event(operation, 1000);
    if (json == NULL) {
      continue;
    }
    cJSON *event = parsed(json);
    cJSON_AddItemToArray(events, event);
    type = text(event, "type");
    if (cancel_after != NULL && strcmp(type, cancel_after) == 0) {
      cdpb_operation_cancel(operation);
      cancel_after = NULL;
    }
  }
  while (!cdpb_operation_wait(operation, 1000)) {
  }
}

static cJSON *all_rejects(cdpb_rejects *rejects, cdpb_error **error) {
  cJSON *all = cJSON_CreateArray();
  cdpb_reject *reject = NULL;
  while (cdpb_rejects_next(rejects, &reject, error) == CDPB_OK && reject != NULL) {
    cJSON_AddItemToArray(all, parsed(cdpb_reject_json(reject)));
    cdpb_reject_free(reject);
  }
  cdpb_rejects_free(rejects);
  return all;
}

/* Keeps the report for later requests. */
static cJSON *reported(cdpb_report *new_report, cdpb_error **error) {
  cdpb_report_free(report);
  report = new_report;
  cJSON *value = parsed(cdpb_report_json(report));
  cdpb_rejects *rejects = NULL;
  if (cdpb_report_rejects(report, &rejects, error) == CDPB_OK) {
    cJSON_AddItemToObject(value, "rejects", all_rejects(rejects, error));
  }
  return value;
}

/* Takes what the operation ends with, as what it is for this request. */
static cJSON *taken(const char *op, cdpb_operation *operation, cdpb_error **error) {
  if (strcmp(op, "submit") == 0) {
    cdpb_run *new_run = NULL;
    if (cdpb_operation_take_run(operation, &new_run, error) != CDPB_OK) {
      return NULL;
    }
    cdpb_run_free(run);
    run = new_run;
    cJSON *value = cJSON_CreateObject(), *refs = cJSON_AddArrayToObject(value, "refs");
    cJSON_AddStringToObject(value, "run_id", cdpb_run_id(run));
    const char *batch;
    for (size_t index = 0; (batch = cdpb_run_ref(run, index)) != NULL; index++) {
      cJSON_AddItemToArray(refs, cJSON_CreateString(batch));
    }
    return value;
  }
  if (strcmp(op, "batch_errors") == 0) {
    cdpb_rejects *rejects = NULL;
    return cdpb_operation_take_rejects(operation, &rejects, error) == CDPB_OK ? all_rejects(rejects, error) : NULL;
  }
  if (strcmp(op, "pack") == 0) {
    cdpb_packed *packed = NULL;
    cdpb_rejects *rejects = NULL;
    if (cdpb_operation_take_packed(operation, &packed, error) != CDPB_OK) {
      return NULL;
    }
    cJSON *value = parsed(cdpb_packed_json(packed));
    if (cdpb_packed_rejects(packed, &rejects, error) == CDPB_OK) {
      cJSON_AddItemToObject(value, "rejects", all_rejects(rejects, error));
    }
    cdpb_packed_free(packed);
    return value;
  }
  if (strcmp(op, "wait") == 0 || strcmp(op, "validate") == 0 || strncmp(op, "batch_", 6) == 0) {
    char *json = NULL;
    return cdpb_operation_take_json(operation, &json, error) == CDPB_OK ? parsed(json) : NULL;
  }
  cdpb_report *new_report = NULL;
  return cdpb_operation_take_report(operation, &new_report, error) == CDPB_OK ? reported(new_report, error) : NULL;
}

static cJSON *listed(const char *query, cdpb_error **error) {
  cdpb_batches *batches = NULL;
  cJSON *all = cJSON_CreateArray();
  cdpb_code code = cdpb_client_batches(client, query, &batches, error);
  while (code == CDPB_OK) {
    cdpb_operation *next = NULL;
    char *json = NULL;
    if ((code = cdpb_batches_next(batches, &next, error)) == CDPB_OK) {
      while (!cdpb_operation_wait(next, 1000)) {
      }
      code = cdpb_operation_take_json(next, &json, error);
    }
    cdpb_operation_free(next);
    if (json == NULL) {
      break;
    }
    cJSON_AddItemToArray(all, parsed(json));
  }
  cdpb_batches_free(batches);
  return all;
}

static cdpb_code start(const char *op, const cJSON *request, const char *options, cdpb_operation **operation,
                       cdpb_error **error) {
  const cJSON *asked = cJSON_GetObjectItemCaseSensitive(request, "source");
  cdpb_source *source = NULL;
  cdpb_code code = asked == NULL ? CDPB_OK : open_source(asked, &source, error);
  const char **refs = texts(cJSON_GetObjectItemCaseSensitive(request, "refs"));
  const char *batch = text(request, "ref");
  if (code != CDPB_OK) {
    /* The source itself is refused. */
  } else if (strcmp(op, "upload") == 0) {
    code = cdpb_client_upload(client, source, options, operation, error);
  } else if (strcmp(op, "submit") == 0) {
    code = cdpb_client_submit(client, source, options, operation, error);
  } else if (strcmp(op, "run_wait") == 0) {
    code = cdpb_run_wait(run, operation, error);
  } else if (strcmp(op, "wait") == 0) {
    code = cdpb_client_wait(client, refs, options, operation, error);
  } else if (strcmp(op, "report") == 0) {
    code = cdpb_client_report(client, refs, operation, error);
  } else if (strcmp(op, "batch_status") == 0) {
    code = cdpb_client_batch_status(client, batch, operation, error);
  } else if (strcmp(op, "batch_wait") == 0) {
    code = cdpb_client_batch_wait(client, batch, operation, error);
  } else if (strcmp(op, "batch_errors") == 0) {
    code = cdpb_client_batch_errors(client, batch, operation, error);
  } else if (strcmp(op, "validate") == 0) {
    code = cdpb_client_validate(client, source, options, operation, error);
  } else if (strcmp(op, "pack") == 0) {
    code = cdpb_client_pack(client, source, text(request, "out"), options, operation, error);
  } else {
    fprintf(stderr, "there is no operation %s\n", op);
    exit(1);
  }
  free(refs);
  cdpb_source_free(source);
  return code;
}

static void push_all(const cJSON *rows, const char *options, cdpb_operation **operation, cdpb_error **error) {
  cdpb_writer *writer = NULL;
  if (cdpb_client_writer(client, options, &writer, operation, error) == CDPB_OK) {
    const cJSON *row;
    cJSON_ArrayForEach(row, rows) {
      const char *record = cJSON_GetStringValue(row);
      while (cdpb_writer_push(writer, record, strlen(record), 100, NULL) == CDPB_TIMEOUT) {
      }
    }
    cdpb_writer_finish(writer, NULL);
  }
  cdpb_writer_free(writer);
}

static void act(const char *op, const cJSON *request, const char *options, struct outcome *outcome) {
  cdpb_error **error = &outcome->error;
  if (strcmp(op, "client") == 0) {
    cdpb_client_free(client);
    client = NULL;
    cdpb_client_new(text(request, "region"), text(request, "base_url"), text(request, "client_key"),
                    text(request, "api_token"), options, &client, error);
    outcome->ok = cJSON_CreateObject();
  } else if (strcmp(op, "batches") == 0) {
    char *query = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(request, "query"));
    outcome->ok = listed(query, error);
    cJSON_free(query);
  } else if (strcmp(op, "write_rejects") == 0) {
    uint64_t written = 0;
    cdpb_report_write_rejects(report, text(request, "path"), &written, error);
    outcome->ok = cJSON_CreateObject();
    cJSON_AddNumberToObject(outcome->ok, "written", (double)written);
  } else {
    cdpb_operation *operation = NULL;
    if (strcmp(op, "writer") == 0) {
      push_all(cJSON_GetObjectItemCaseSensitive(request, "rows"), options, &operation, error);
    } else {
      start(op, request, options, &operation, error);
    }
    if (operation != NULL) {
      listen(operation, text(request, "cancel_after_event"), outcome->events);
      outcome->ok = taken(op, operation, error);
      cdpb_operation_free(operation);
    }
  }
}

static cJSON *answer(const cJSON *request) {
  struct outcome outcome = {NULL, NULL, cJSON_CreateArray()};
  const cJSON *changes = cJSON_GetObjectItemCaseSensitive(request, "options");
  char *options = changes == NULL ? NULL : cJSON_PrintUnformatted(changes);
  act(text(request, "op"), request, options, &outcome);
  cJSON_free(options);

  cJSON *answer = cJSON_CreateObject();
  cJSON_AddItemToObject(answer, "id", cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(request, "id"), 1));
  if (outcome.error != NULL) {
    cJSON_Delete(outcome.ok);
    cJSON *fields = parsed(cdpb_error_json(outcome.error));
    cdpb_report *attached = NULL;
    if (cdpb_error_report(outcome.error, &attached)) {
      cJSON_AddItemToObject(fields, "report", reported(attached, NULL));
    }
    cJSON_AddItemToObject(answer, "error", fields);
    cdpb_error_free(outcome.error);
  } else {
    cJSON_AddItemToObject(answer, "ok", outcome.ok);
  }
  cJSON_AddItemToObject(answer, "events", outcome.events);
  return answer;
}

int main(void) {
  char *line = NULL;
  size_t room = 0;
  while (getline(&line, &room, stdin) > 0) {
    cJSON *request = cJSON_Parse(line), *answered = answer(request);
    char *printed = cJSON_PrintUnformatted(answered);
    puts(printed);
    fflush(stdout);
    cJSON_free(printed);
    cJSON_Delete(answered);
    cJSON_Delete(request);
  }
  free(line);
  cdpb_report_free(report);
  cdpb_run_free(run);
  cdpb_client_free(client);
  return 0;
}
