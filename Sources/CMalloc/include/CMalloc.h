#pragma once

/// glibc's `mallopt`: sets one of the options of malloc.h. Returns 1 when it was set, 0 when it was not, and 0 with
/// every other C library.
int cmalloc_set(int option, int value);
