/// How the console asks for one kind of condition: a sentence of parts.
package struct CriteriaForm: Sendable, Codable {
    package var group: String
    package var chinese: String
    package var english: String
    package var parts: [Part]

    /// One blank in the sentence.
    package struct Part: Sendable, Codable {
        /// The field of the node.
        package var field: String
        /// choice, number, text, trait, event, segment, source, test, dateTest, compare, measure, within, steps, lines
        package var input: String
        package var chinese: String
        package var english: String
        package var choices: [Choice]

        package init(
            _ field: String, _ input: String, _ chinese: String = "", _ english: String = "", choices: [Choice] = []
        ) {
            self.field = field
            self.input = input
            self.chinese = chinese
            self.english = english
            self.choices = choices
        }
    }

    package struct Choice: Sendable, Codable {
        package var value: String
        package var chinese: String
        package var english: String

        package init(_ value: String, _ chinese: String, _ english: String) {
            self.value = value
            self.chinese = chinese
            self.english = english
        }
    }

    package init(_ group: String, _ chinese: String, _ english: String, _ parts: [Part]) {
        self.group = group
        self.chinese = chinese
        self.english = english
        self.parts = parts
    }
}
