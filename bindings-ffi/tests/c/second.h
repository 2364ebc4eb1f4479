#ifndef SECOND_H
#define SECOND_H

const char *version_seen_elsewhere(void);

#endif
