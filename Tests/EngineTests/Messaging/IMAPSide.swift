import Foundation
import Synchronization
import TestSupport

/// A mail server with one folder, on a port of the loopback interface: as much IMAP as a look into a mailbox needs. It keeps
/// what was asked, and refuses or goes silent where it is told to.
final class IMAPSide: Sendable {
    struct Letter: Sendable {
        var uid: Int64
        var bytes: [UInt8]
        var isSeen = false
        var isDeleted = false
    }

    struct State: Sendable {
        var letters: [Letter] = []
        var validity: Int64 = 7
        var next: Int64 = 1
        var password = "geheim"
        /// Knows RFC 4315.
        var expungesOne = true
        /// Letters that cannot be given out.
        var broken: Set<Int64> = []
        /// Ends the connection without an answer at the next request that begins so.
        var cut: String?
        var asked: [String] = []
    }

    let port: Int
    private let listener: Int32
    private let state = Mutex(State())

    init() throws {
        port = try FreePort.find()
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let listener = listener
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(listener, 16) == 0 else { throw POSIXError(.EADDRINUSE) }
    }

    func start() {
        Thread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                Thread { [self] in
                    serve(connection)
                    Foundation.close(connection)
                }.start()
            }
        }.start()
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        Foundation.close(listener)
    }

    func with<Value>(_ body: (inout State) -> Value) -> Value { state.withLock { body(&$0) } }

    /// What lies in the folder.
    var letters: [Letter] { with { $0.letters } }
    /// Requests so far, without their tags.
    var asked: [String] { with { $0.asked } }

    @discardableResult
    func receive(_ text: String) -> Int64 {
        with { state in
            let uid = state.next
            state.next += 1
            state.letters.append(Letter(uid: uid, bytes: Array(text.utf8)))
            return uid
        }
    }

    // MARK: A connection

    private func serve(_ connection: Int32) {
        say(connection, "* OK ready\r\n")
        while let line = read(connection) {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard words.count == 2 else { return say(connection, "* BAD what\r\n") }
            let (tag, request) = (words[0], words[1])
            let isCut = with { state in
                state.asked.append(request)
                guard let cut = state.cut, request.hasPrefix(cut) else { return false }
                state.cut = nil
                return true
            }
            if isCut { return }
            say(connection, answer(tag, request))
            if request == "LOGOUT" { return }
        }
    }

    private func answer(_ tag: String, _ request: String) -> [UInt8] {
        with { state in
            let words = request.split(separator: " ").map(String.init)
            switch words[0] {
            case "CAPABILITY": return Array("* CAPABILITY IMAP4rev1\r\n\(tag) OK done\r\n".utf8)
            case "LOGIN":
                let isRight = words.last == state.password
                return Array(
                    (isRight ? "\(tag) OK in\r\n" : "\(tag) NO [AUTHENTICATIONFAILED] Wrong password.\r\n").utf8)
            case "ID": return Array("\(tag) BAD unknown\r\n".utf8)
            case "SELECT":
                guard words.last == "INBOX" else { return Array("\(tag) NO No such folder.\r\n".utf8) }
                return Array(
                    """
                    * \(state.letters.count) EXISTS\r\n* OK [UIDVALIDITY \(state.validity)] valid\r\n\
                    * OK [UIDNEXT \(state.next)] next\r\n\(tag) OK [READ-WRITE] done\r\n
                    """.utf8)
            case "EXPUNGE":
                state.letters.removeAll { $0.isDeleted }
                return Array("\(tag) OK done\r\n".utf8)
            case "UID": return Self.byUID(tag, words, &state)
            case "LOGOUT": return Array("* BYE\r\n\(tag) OK done\r\n".utf8)
            default: return Array("\(tag) OK done\r\n".utf8)
            }
        }
    }

    private static func byUID(_ tag: String, _ words: [String], _ state: inout State) -> [UInt8] {
        let numbers = words[2].split(separator: ",").compactMap { Int64($0) }
        switch words[1] {
        case "SEARCH":
            let ends = words[3].split(separator: ":").map { Int64($0) ?? Int64.max }
            let found = state.letters.filter { $0.uid >= ends[0] && $0.uid <= ends[1] }.map { " \($0.uid)" }
            return Array("* SEARCH\(found.joined())\r\n\(tag) OK done\r\n".utf8)
        case "FETCH":
            guard let uid = numbers.first, !state.broken.contains(uid) else {
                return Array("\(tag) NO [SERVERBUG] Cannot read it.\r\n".utf8)
            }
            guard let place = state.letters.firstIndex(where: { $0.uid == uid }) else {
                return Array("\(tag) OK nothing\r\n".utf8)
            }
            state.letters[place].isSeen = true
            let bytes = state.letters[place].bytes.prefix(1_000_000)
            return Array("* \(place + 1) FETCH (UID \(uid) BODY[]<0> {\(bytes.count)}\r\n".utf8) + bytes
                + Array(")\r\n\(tag) OK done\r\n".utf8)
        case "STORE":
            for place in state.letters.indices where numbers.contains(state.letters[place].uid) {
                state.letters[place].isDeleted = true
            }
            return Array("\(tag) OK done\r\n".utf8)
        case "EXPUNGE":
            guard state.expungesOne else { return Array("\(tag) BAD unknown\r\n".utf8) }
            state.letters.removeAll { $0.isDeleted && numbers.contains($0.uid) }
            return Array("\(tag) OK done\r\n".utf8)
        default: return Array("\(tag) BAD unknown\r\n".utf8)
        }
    }

    private func read(_ connection: Int32) -> String? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while recv(connection, &byte, 1, 0) == 1 {
            if byte == UInt8(ascii: "\n") { return String(decoding: line.dropLast(), as: UTF8.self) }
            line.append(byte)
        }
        return nil
    }

    private func say(_ connection: Int32, _ text: String) { say(connection, Array(text.utf8)) }

    private func say(_ connection: Int32, _ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }
}
