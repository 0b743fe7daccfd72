import CMalloc

/// How this process takes memory from the system.
enum ProcessMemory {
    /// Lets glibc keep what it has: batches of some megabytes come and go many times a second, and giving each back cost
    /// a fifth of the processor time of ingestion (page faults and `munmap`). Few arenas keep one copy of the slack.
    /// With another C library it does nothing.
    static func keepFreed() {
        cmalloc_set(mostArenas, 4)
        cmalloc_set(trimThreshold, 256 << 20)
        cmalloc_set(mapThreshold, 32 << 20)
        cmalloc_set(topPad, 64 << 20)
    }

    /// `M_ARENA_MAX`, `M_TRIM_THRESHOLD`, `M_MMAP_THRESHOLD` and `M_TOP_PAD` of malloc.h.
    private static let mostArenas: Int32 = -8
    private static let trimThreshold: Int32 = -1
    private static let mapThreshold: Int32 = -3
    private static let topPad: Int32 = -2
}
