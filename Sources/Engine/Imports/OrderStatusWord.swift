/// What a status column says became of an order.
enum OrderStatusWord: Sendable, Equatable {
    case completed, refunded, cancelled

    /// An empty cell is a completed order. Throws: `FieldFault` for a word that is not known, so that an unpaid order
    /// is never counted as a sale by mistake.
    init(_ cell: ByteView) throws(FieldFault) {
        let word = ColumnSuggestions.normalized(cell.text)
        if word.isEmpty || OrderStatusWord.completedWords.contains(word) {
            self = .completed
        } else if OrderStatusWord.refundedWords.contains(word) {
            self = .refunded
        } else if OrderStatusWord.cancelledWords.contains(word) {
            self = .cancelled
        } else {
            throw FieldFault(
                field: .status, reason: .badValue,
                explanation: "the status “\(cell.text)” is not known; completed, refunded and cancelled are, and "
                    + "their usual Chinese words")
        }
    }

    private static let completedWords: Set<String> = [
        "completed", "complete", "paid", "shipped", "delivered", "fulfilled", "success", "successful", "done", "closed",
        "partiallyrefunded", "completedorder", "已完成", "完成", "交易成功", "已付款", "已支付", "支付成功", "已发货", "已签收", "成功",
        "部分退款", "待发货", "买家已付款", "卖家已发货",
    ]
    private static let refundedWords: Set<String> = ["refunded", "returned", "已退款", "全额退款", "退款成功", "已退货", "退款"]
    private static let cancelledWords: Set<String> = [
        "cancelled", "canceled", "voided", "void", "已取消", "取消", "交易关闭", "已关闭", "交易取消",
    ]
}
