/* What the tests of the contract share. Each topic is a file of its own, and a function that runs its tests. */
#ifndef CONTRACT_H
#define CONTRACT_H

#include <cdp_batch.h>
#include <cdp_batch_testing.h>

#include "../check.h"

#define KEY "test-client-key"
#define TOKEN "test-api-token"
#define FAST "{\"wait\": {\"min_ms\": 5, \"max_ms\": 40}}"
#define EMULATED "\"client_key\": \"" KEY "\", \"api_token\": \"" TOKEN "\""
#define GUESTS "examples/data/guests.ndjson"
#define FAULTY "examples/data/guests-with-faults.ndjson"
#define NOBODY "6a6f8cb0-0d51-4c3e-8a3b-0f6d7b0f4aff"
#define ROW "{\"ref\":\"6a6f8cb0-0d51-4c3e-8a3b-%012d\",\"schema\":\"guest\",\"mode\":\"upsert\"," \
  "\"value\":{\"guestType\":\"customer\",\"email\":\"a%d@example.com\",\"identifiers\":[{\"provider\":\"CRM\",\"id\":\"%d\"}]}}"

/* Something that is not NULL, to see that a call left it alone. */
extern char untouched;
#define UNTOUCHED ((void *)&untouched)

/* Started once: most tests only send to it. */
extern cdpb_emulator *emulator;

/* A service that takes days to process what it stored: an upload to it stays under way. */
cdpb_emulator *slow_emulator(void);
/* Until the first part is stored: then everything of a small source is read. */
void until_uploaded(const cdpb_operation *operation);

void join(const cdpb_operation *operation);
cdpb_client *client_of(const cdpb_emulator *of, const char *options);
cdpb_source *file(const char *path);
/* Starts an upload, and frees the source. */
cdpb_operation *upload(const cdpb_client *client, cdpb_source *source, const char *options);
/* The report of an operation that must succeed; the operation is freed. */
cdpb_report *reported(cdpb_operation *operation);
/* Uploads all of a source, frees it, and says how many records are confirmed. */
uint64_t confirmed(cdpb_source *source);
void remove_folder(const char *folder);

/* A source of rows that calls back. */
struct rows {
  int left;
  int released;
  int64_t answer;
  char text[300];
  size_t length, given;
};
int64_t read_row(void *context, uint8_t *buffer, size_t length);
void release_rows(void *context);
cdpb_source *reader(struct rows *rows);

/* Before the library is first called. */
void remember_the_process(void);

/* The topics. */
void header(void);
void sources(void);
void writers(void);
void errors(void);
void null(void);
void operations(void);
void results(void);
void emulators(void);
void process(void);

#endif
