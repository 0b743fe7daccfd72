#define _GNU_SOURCE
#include "CADBC.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__linux__)
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#endif

// chDB passes over a write that fails: `WriteBufferFromFileDescriptor::nextImpl` leaves its loop where ClickHouse
// throws. Whether a sync fails it does look at. So a descriptor whose write failed is remembered here until it is
// closed, and its sync fails with the write's reason: the part that was to be written is then given up, as ClickHouse
// would have done at once.

// Descriptors told apart, the most that Linux gives a process by default; those beyond share one place.
enum { DESCRIPTORS = 1 << 20, PATH_BYTES = 4096 };

// The reason (errno) why the last write to a descriptor failed, 0: it did not.
static _Atomic unsigned char failures[DESCRIPTORS + 1];
static _Atomic(char *) failing;

static _Atomic unsigned char *failure(int fd) { return &failures[fd < DESCRIPTORS ? fd : DESCRIPTORS]; }

static int must_fail(int fd) {
    const char *folder = atomic_load(&failing);
    if (!folder) return 0;
    char link[32], path[PATH_BYTES];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof(path) - 1);
    if (size <= 0) return 0;
    path[size] = 0;
    return strstr(path, folder) != NULL;
}

void cadbc_fail_writes(const char *folder) {
    char *copy = folder ? strdup(folder) : NULL;
    if (folder && !copy) abort();
    // The text before is not freed: another thread may be reading it.
    atomic_store(&failing, copy);
}

ssize_t cadbc_write(int fd, const void *bytes, size_t size) {
    ssize_t written;
    if (must_fail(fd)) {
        errno = ENOSPC;
        written = -1;
    } else {
        written = write(fd, bytes, size);
    }
    if (written > 0 || size == 0 || fd < 0) return written;
    int reason = written == 0 ? ENOSPC : errno;
    if (reason != EINTR) atomic_store(failure(fd), (unsigned char)reason);
    errno = reason;
    return written;
}

static int refused(int fd) {
    int reason = fd < 0 ? 0 : atomic_load(failure(fd));
    if (reason) errno = reason;
    return reason;
}

int cadbc_fdatasync(int fd) {
#if defined(__linux__)
    return refused(fd) ? -1 : fdatasync(fd);
#else
    return refused(fd) ? -1 : fsync(fd);
#endif
}

int cadbc_fsync(int fd) { return refused(fd) ? -1 : fsync(fd); }

int cadbc_close(int fd) {
    // Before it is closed: afterwards another thread may have been given its number.
    if (fd >= 0 && fd < DESCRIPTORS) atomic_store(failure(fd), 0);
    return close(fd);
}

// MARK: Putting these in the library's place of the system's

#if defined(__linux__)

#if defined(__x86_64__)
enum { SLOT_CALL = R_X86_64_JUMP_SLOT, SLOT_DATA = R_X86_64_GLOB_DAT };
#elif defined(__aarch64__)
enum { SLOT_CALL = R_AARCH64_JUMP_SLOT, SLOT_DATA = R_AARCH64_GLOB_DAT };
#else
#error "The relocations of this processor are not known here."
#endif

struct hook {
    const char *name;
    void *function;
    int found;
};

struct library {
    ElfW(Addr) base;
    const ElfW(Sym) * symbols;
    const char *names;
    const ElfW(Rela) * calls;
    size_t calls_bytes;
    const ElfW(Rela) * others;
    size_t others_bytes;
    size_t relative_count;
};

static ElfW(Addr) address(const struct link_map *map, ElfW(Addr) value) {
    return value < map->l_addr ? map->l_addr + value : value;
}

static struct library described(const struct link_map *map) {
    struct library library = {.base = map->l_addr};
    for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
        switch (entry->d_tag) {
        case DT_SYMTAB: library.symbols = (const void *)address(map, entry->d_un.d_ptr); break;
        case DT_STRTAB: library.names = (const void *)address(map, entry->d_un.d_ptr); break;
        case DT_JMPREL: library.calls = (const void *)address(map, entry->d_un.d_ptr); break;
        case DT_PLTRELSZ: library.calls_bytes = entry->d_un.d_val; break;
        case DT_RELA: library.others = (const void *)address(map, entry->d_un.d_ptr); break;
        case DT_RELASZ: library.others_bytes = entry->d_un.d_val; break;
        case DT_RELACOUNT: library.relative_count = entry->d_un.d_val; break;
        default: break;
        }
    }
    return library;
}

// Slots may lie in memory that the loader has made read-only since.
static int put(void **slot, void *function) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    if (mprotect((void *)((uintptr_t)slot & ~(page - 1)), page, PROT_READ | PROT_WRITE) != 0) return 1;
    __atomic_store_n(slot, function, __ATOMIC_RELEASE);
    return 0;
}

static int replace(const struct library *library, const ElfW(Rela) * entries, size_t count, struct hook *hooks) {
    for (size_t i = 0; i < count; i++) {
        unsigned long kind = ELF64_R_TYPE(entries[i].r_info);
        if (kind != SLOT_CALL && kind != SLOT_DATA) continue;
        const char *name = library->names + library->symbols[ELF64_R_SYM(entries[i].r_info)].st_name;
        for (struct hook *hook = hooks; hook->name; hook++) {
            if (strcmp(name, hook->name) != 0) continue;
            if (put((void **)(library->base + entries[i].r_offset), hook->function) != 0) return 1;
            hook->found = 1;
        }
    }
    return 0;
}

int cadbc_watch_writes(void *handle, char *message, size_t message_size) {
    struct link_map *map = NULL;
    if (dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 || !map) {
        snprintf(message, message_size, "its place in memory is not known");
        return 1;
    }
    struct library library = described(map);
    struct hook hooks[] = {
        {"write", (void *)cadbc_write, 0}, {"fdatasync", (void *)cadbc_fdatasync, 0}, {"fsync", (void *)cadbc_fsync, 0},
        {"close", (void *)cadbc_close, 0}, {NULL, NULL, 0},
    };
    size_t entry = sizeof(ElfW(Rela));
    size_t calls = library.calls ? library.calls_bytes / entry : 0;
    size_t others = library.others ? library.others_bytes / entry : 0;
    // The relative ones come first, name nothing, and are most of them.
    size_t first = library.relative_count < others ? library.relative_count : others;
    int failed = !library.symbols || !library.names
        || replace(&library, library.calls, calls, hooks)
        || replace(&library, library.others + first, others - first, hooks);
    for (struct hook *hook = hooks; hook->name && !failed; hook++) failed = !hook->found;
    if (failed) snprintf(message, message_size, "its writes cannot be watched, so that a full disk would lose data");
    return failed;
}

#else

int cadbc_watch_writes(void *handle, char *message, size_t message_size) {
    (void)handle, (void)message, (void)message_size;
    return 0;
}

#endif
