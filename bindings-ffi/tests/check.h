/* What the tests of C and C++ share: a test is a function, and the first thing that is not as it should be ends them all. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern int check_passed, check_skipped;

#define CHECK(condition)                                                                  \
  do {                                                                                    \
    if (!(condition)) {                                                                   \
      printf("FAILED\n%s:%d: %s\n%d passed, 1 failed\n", __FILE__, __LINE__, #condition, check_passed); \
      fflush(stdout);                                                                     \
      exit(1);                                                                            \
    }                                                                                     \
  } while (0)

#define CHECK_TEXT(text, expected) CHECK((text) != NULL && strcmp((text), (expected)) == 0)

#define RUN(test)                 \
  do {                            \
    printf("test %s ... ", #test); \
    fflush(stdout);               \
    test();                       \
    check_passed++;               \
    printf("ok\n");               \
  } while (0)

#define SKIP(test, why)                           \
  do {                                            \
    printf("test %s ... SKIPPED: %s\n", #test, why); \
    check_skipped++;                              \
  } while (0)

#define CLOSING_LINE() printf("%d passed, 0 failed, %d skipped\n", check_passed, check_skipped)

#endif
