/// Telephone numbers as identities, in E.164 (ITU-T): `+8613800138000`.
///
/// A compact reading, not a numbering plan: mobile and fixed numbers of mainland China are checked, everywhere else
/// the country code is added, the trunk prefix dropped and the length checked.
package enum PhoneNumber {
    /// E.164, section 6.2.1: at most 15 digits; shorter than 7 is no subscriber number.
    private static let digitsRange = 7...15

    /// Nil when the text is no telephone number (`138****8000` is none).
    package static func normalise(_ text: String, defaultCountry: String) -> String? {
        guard let (digits, isInternational) = digits(text) else { return nil }
        if isInternational { return international(digits) }
        if digits.hasPrefix("00") { return international(String(digits.dropFirst(2))) }
        if defaultCountry == "CN" { return mainlandChina(digits) }
        guard let code = callingCodes[defaultCountry] else { return nil }
        return international(code + nationalPart(digits, country: defaultCountry))
    }

    private static func digits(_ text: String) -> (digits: String, isInternational: Bool)? {
        var digits = ""
        var isInternational = false
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x30...0x39: digits.unicodeScalars.append(scalar)
            // Full-width digits, as Chinese input methods write them.
            case 0xFF10...0xFF19: digits.append(String(scalar.value - 0xFF10))
            case 0x2B, 0xFF0B:
                guard digits.isEmpty, !isInternational else { return nil }
                isInternational = true
            case 0x20, 0x28, 0x29, 0x2D, 0x2E, 0x2F, 0xA0, 0x3000, 0xFF08, 0xFF09, 0xFF0D, 0x2010...0x2014: continue
            default: return nil
            }
        }
        return digits.isEmpty ? nil : (digits, isInternational)
    }

    private static func international(_ digits: String) -> String? {
        guard digitsRange.contains(digits.utf8.count), digits.first != "0" else { return nil }
        // A mainland mobile number is worth a look: it is the usual typing error.
        if digits.hasPrefix("861"), !isMainlandMobile(digits.dropFirst(2)) { return nil }
        return "+" + digits
    }

    private static func mainlandChina(_ digits: String) -> String? {
        if isMainlandMobile(digits[...]) { return "+86" + digits }
        if digits.hasPrefix("86"), isMainlandMobile(digits.dropFirst(2)) { return "+" + digits }
        // A fixed line: 0, area code, subscriber; 10 to 12 digits together.
        if digits.hasPrefix("0"), (10...12).contains(digits.utf8.count) { return "+86" + digits.dropFirst() }
        return nil
    }

    /// Eleven digits, 13… to 19….
    private static func isMainlandMobile(_ digits: Substring) -> Bool {
        let bytes = Array(digits.utf8.prefix(12))
        return bytes.count == 11 && bytes[0] == UInt8(ascii: "1") && bytes[1] >= UInt8(ascii: "3")
    }

    private static func nationalPart(_ digits: String, country: String) -> String {
        // Italy and San Marino keep the zero; the others dial it only at home.
        country == "IT" || country == "SM" || !digits.hasPrefix("0") ? digits : String(digits.dropFirst())
    }

    /// ITU-T E.164 country codes for the default countries that need no area of their own.
    private static let callingCodes: [String: String] = [
        "AE": "971", "AR": "54", "AT": "43", "AU": "61", "BE": "32", "BR": "55", "CA": "1", "CH": "41", "CL": "56",
        "CO": "57", "CZ": "420", "DE": "49", "DK": "45", "EG": "20", "ES": "34", "FI": "358", "FR": "33", "GB": "44",
        "GR": "30", "HK": "852", "HU": "36", "ID": "62", "IE": "353", "IL": "972", "IN": "91", "IT": "39", "JP": "81",
        "KE": "254", "KH": "855", "KR": "82", "LA": "856", "MM": "95", "MO": "853", "MX": "52", "MY": "60",
        "NG": "234", "NL": "31", "NO": "47", "NZ": "64", "PE": "51", "PH": "63", "PK": "92", "PL": "48", "PT": "351",
        "RO": "40", "RU": "7", "SA": "966", "SE": "46", "SG": "65", "SM": "378", "TH": "66", "TR": "90", "TW": "886",
        "UA": "380", "US": "1", "VN": "84", "ZA": "27",
    ]
}
