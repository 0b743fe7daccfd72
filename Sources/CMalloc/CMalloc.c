#include "CMalloc.h"

#ifdef __linux__
#include <malloc.h>
#endif

int cmalloc_set(int option, int value) {
#ifdef __GLIBC__
    return mallopt(option, value);
#else
    return 0;
#endif
}
