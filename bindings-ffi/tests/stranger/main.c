/* A program of somebody else: it packs three records without any service, and says what it linked. */
#include <cdp_batch.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  static const char records[] = "{\"ref\":\"6a6f8cb0-0d51-4c3e-8a3b-0f6d7b0f4a01\",\"schema\":\"guest\","
                                "\"mode\":\"upsert\",\"value\":{\"email\":\"a@example.com\"}}\n";
  cdpb_client *client = NULL;
  cdpb_source *source = NULL;
  cdpb_operation *check = NULL;
  cdpb_error *error = NULL;
  char *found = NULL;
  if (cdpb_client_new("eu", NULL, "key", "token", NULL, &client, &error) == CDPB_OK &&
      cdpb_source_from_bytes(records, strlen(records), &source, &error) == CDPB_OK &&
      cdpb_client_validate(client, source, NULL, &check, &error) == CDPB_OK) {
    while (!cdpb_operation_wait(check, 1000)) {
    }
    if (cdpb_operation_take_json(check, &found, &error) == CDPB_OK) {
      printf("%s %s\n", cdpb_version(), found);
    }
  }
  if (error != NULL) {
    fprintf(stderr, "%s\n", cdpb_error_message(error));
  }
  cdpb_string_free(found);
  cdpb_operation_free(check);
  cdpb_source_free(source);
  cdpb_client_free(client);
  cdpb_error_free(error);
  return found == NULL;
}
