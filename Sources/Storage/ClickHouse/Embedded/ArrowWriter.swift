import CADBC

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Lays a block out as one Arrow struct array, for the engine's bulk load.
enum ArrowWriter {
    /// Fills `schema` and `array`; the caller releases both unless somebody took them over.
    static func write(_ block: AnalyticsBlock, schema: inout ArrowSchema, array: inout ArrowArray) {
        let width = Int64(block.columns.count)
        cadbc_schema_make(&schema, "+s", "", width)
        cadbc_array_make(&array, Int64(block.count), 1, width)
        for (index, column) in block.columns.enumerated() {
            guard let field = schema.children?[index], let child = array.children?[index] else { continue }
            write(column.values, name: column.name, schema: field, array: child)
        }
    }

    private static func write(
        _ column: AnalyticsColumn, name: String, schema: UnsafeMutablePointer<ArrowSchema>,
        array: UnsafeMutablePointer<ArrowArray>
    ) {
        switch column {
        case .uint8(let values): flat(values, "C", name, schema, array)
        case .uint16(let values): flat(values, "S", name, schema, array)
        case .uint32(let values): flat(values, "I", name, schema, array)
        case .uint64(let values): flat(values, "L", name, schema, array)
        case .int64(let values): flat(values, "l", name, schema, array)
        case .float64(let values): flat(values, "g", name, schema, array)
        case .string(let values):
            cadbc_schema_make(schema, "U", name, 0)
            strings(values, array)
        case .strings(let lists):
            list(lists.map(\.count), name, schema, array) { items, child in
                cadbc_schema_make(items, "U", "item", 0)
                strings(Array(lists.joined()), child)
            }
        case .int64s(let lists):
            list(lists.map(\.count), name, schema, array) { items, child in
                flat(Array(lists.joined()), "l", "item", items, child)
            }
        case .float64s(let lists):
            list(lists.map(\.count), name, schema, array) { items, child in
                flat(Array(lists.joined()), "g", "item", items, child)
            }
        }
    }

    private static func flat<T: BitwiseCopyable>(
        _ values: [T], _ format: String, _ name: String, _ schema: UnsafeMutablePointer<ArrowSchema>,
        _ array: UnsafeMutablePointer<ArrowArray>
    ) {
        cadbc_schema_make(schema, format, name, 0)
        cadbc_array_make(array, Int64(values.count), 2, 0)
        array.pointee.buffers?[1] = copy(values)
    }

    private static func strings(_ values: [String], _ array: UnsafeMutablePointer<ArrowArray>) {
        cadbc_array_make(array, Int64(values.count), 3, 0)
        let total = values.reduce(0) { $0 + $1.utf8.count }
        let bytes = memory(total)
        var ends: [Int64] = [0]
        ends.reserveCapacity(values.count + 1)
        var end = 0
        for value in values {
            var value = value
            value.withUTF8 { utf8 in
                if let base = utf8.baseAddress { memcpy(bytes + end, base, utf8.count) }
                end += utf8.count
            }
            ends.append(Int64(end))
        }
        array.pointee.buffers?[1] = copy(ends)
        array.pointee.buffers?[2] = UnsafeRawPointer(bytes)
    }

    private static func list(
        _ counts: [Int], _ name: String, _ schema: UnsafeMutablePointer<ArrowSchema>,
        _ array: UnsafeMutablePointer<ArrowArray>,
        _ items: (UnsafeMutablePointer<ArrowSchema>, UnsafeMutablePointer<ArrowArray>) -> Void
    ) {
        cadbc_schema_make(schema, "+L", name, 1)
        cadbc_array_make(array, Int64(counts.count), 2, 1)
        var ends: [Int64] = [0]
        ends.reserveCapacity(counts.count + 1)
        var end: Int64 = 0
        for count in counts {
            end += Int64(count)
            ends.append(end)
        }
        array.pointee.buffers?[1] = copy(ends)
        guard let itemSchema = schema.pointee.children?[0], let itemArray = array.pointee.children?[0] else { return }
        items(itemSchema, itemArray)
    }

    private static func copy<T: BitwiseCopyable>(_ values: [T]) -> UnsafeRawPointer {
        values.withUnsafeBytes { source in
            let target = memory(source.count)
            if let base = source.baseAddress { memcpy(target, base, source.count) }
            return UnsafeRawPointer(target)
        }
    }

    /// Freed by the array that it is stored into.
    private static func memory(_ bytes: Int) -> UnsafeMutableRawPointer {
        guard let memory = malloc(max(bytes, 1)) else { preconditionFailure("out of memory") }
        return memory
    }
}
