//! The words that stand in the gaps of sentences, in Vietnamese. Codes, names of fields and what a caller sent stay as
//! they are.

/// The gaps that take words of ours; in the others stands what the caller sent, or a name.
pub(super) const GAPS: [&str; 12] =
    ["expected", "found", "what", "reason", "action", "from", "to", "role", "class", "eligible", "computed", "decided"];

/// Words for words.
const WORDS: &[(&str, &str)] = &[
    // Types of values.
    ("a list", "danh sách"),
    ("an object", "đối tượng"),
    ("text", "văn bản"),
    ("nothing", "giá trị trống"),
    ("array", "mảng"),
    ("object", "đối tượng"),
    ("string", "chuỗi"),
    ("number", "số"),
    ("integer", "số nguyên"),
    ("boolean", "true hoặc false"),
    ("a whole number", "số nguyên"),
    ("a whole number of VND", "số đồng nguyên"),
    ("a whole number in digits, without zeros in front", "số nguyên viết bằng chữ số, không có số 0 ở đầu"),
    ("a whole number of VND in digits, without zeros in front", "số đồng nguyên viết bằng chữ số, không có số 0 ở đầu"),
    (
        "a whole number of records in digits, without zeros in front",
        "số bản ghi nguyên viết bằng chữ số, không có số 0 ở đầu",
    ),
    ("a decimal number", "số thập phân"),
    ("a decimal number with at most 3 places, as 6.6", "số thập phân có nhiều nhất 3 chữ số lẻ, ví dụ 6.6"),
    ("a number of months", "số tháng"),
    ("a date YYYY-MM-DD", "ngày dạng YYYY-MM-DD"),
    ("a UUID", "UUID"),
    ("1–200 ASCII signs", "1–200 ký tự ASCII"),
    ("a cursor of this list", "con trỏ của danh sách này"),
    ("4 or 4.5", "4 hoặc 4.5"),
    ("a host name with or without a port", "tên máy chủ, có hoặc không có cổng"),
    ("(none)", "(không có)"),
    ("1 personal ID", "1 số định danh"),
    ("10000 personal IDs", "10000 số định danh"),
    // Things of the domain.
    ("batch", "lần gửi"),
    ("household", "hộ"),
    ("person", "người"),
    ("pupil", "học sinh"),
    ("programme", "chương trình"),
    ("the client", "hệ thống này"),
    ("the client is revoked", "hệ thống này đã bị thu hồi"),
    ("the client has no secret", "hệ thống này không có khóa bí mật"),
    ("the record", "bản ghi"),
    ("MALE", "nam"),
    ("FEMALE", "nữ"),
    ("POOR", "hộ nghèo"),
    ("NEAR_POOR", "hộ cận nghèo"),
    ("AVERAGE_LIVING_STANDARD", "hộ có mức sống trung bình"),
    ("NOT_POOR", "hộ không nghèo"),
    ("NEWLY_ESCAPED", "hộ mới thoát nghèo"),
    // Roles, with the name that tokens carry.
    ("labour", "lao động (labour)"),
    ("health", "y tế (health)"),
    ("education", "giáo dục (education)"),
    ("policy_bank", "ngân hàng chính sách (policy_bank)"),
    ("commune", "cấp xã (commune)"),
    ("leadership", "lãnh đạo (leadership)"),
    ("auditor", "kiểm tra (auditor)"),
    ("administrator", "quản trị (administrator)"),
    // What is counted of a query.
    ("aliases", "số bí danh"),
    ("brackets", "số ngoặc mở cùng lúc"),
    ("bytes", "số byte"),
    ("depth", "độ sâu"),
    ("directives", "số chỉ thị"),
    ("introspection depth", "độ sâu khi hỏi lược đồ"),
    ("introspection lists", "số danh sách lồng nhau khi hỏi lược đồ"),
    ("name length", "độ dài tên"),
    ("nesting", "số mức lồng nhau"),
    ("operations", "số thao tác"),
    ("records", "số bản ghi"),
    ("root fields", "số trường gốc"),
    ("selections", "số trường được chọn"),
    ("tokens", "số từ tố"),
    ("weight", "trọng số"),
    // What is wrong with JSON.
    ("a colon is expected", "cần dấu hai chấm"),
    ("a comma or ] is expected", "cần dấu phẩy hoặc ]"),
    ("a comma or } is expected", "cần dấu phẩy hoặc }"),
    ("a control character in a string must be escaped", "ký tự điều khiển trong chuỗi phải được viết dạng thoát"),
    ("a digit is expected", "cần một chữ số"),
    ("a member name is expected", "cần tên trường"),
    ("a member name in quotation marks is expected", "cần tên trường trong dấu ngoặc kép"),
    ("a value is expected", "cần một giá trị"),
    ("four hex digits expected", "cần bốn chữ số thập lục phân"),
    ("half of a surrogate pair is no character", "nửa cặp thay thế không phải ký tự"),
    ("nested too deep", "lồng nhau quá sâu"),
    ("no escape of JSON", "không phải ký tự thoát của JSON"),
    ("nothing may follow the body", "sau nội dung không được có gì"),
    ("nothing may follow the value", "sau giá trị không được có gì"),
    ("the text ends before the value does", "văn bản kết thúc trước khi hết giá trị"),
    // The same as the reader of GraphQL requests says it.
    ("EOF while parsing a list", "văn bản kết thúc giữa danh sách"),
    ("EOF while parsing a string", "văn bản kết thúc giữa chuỗi"),
    ("EOF while parsing a value", "văn bản kết thúc trước khi có giá trị"),
    ("EOF while parsing an object", "văn bản kết thúc giữa đối tượng"),
    ("control character (\\u0000-\\u001F) found while parsing a string", "có ký tự điều khiển trong chuỗi"),
    ("expected `,` or `]`", "cần `,` hoặc `]`"),
    ("expected `,` or `}`", "cần `,` hoặc `}`"),
    ("expected `:`", "cần `:`"),
    ("expected ident", "cần true, false hoặc null"),
    ("expected value", "cần một giá trị"),
    ("invalid escape", "không phải ký tự thoát của JSON"),
    ("invalid number", "số không hợp lệ"),
    ("invalid unicode code point", "không phải ký tự Unicode"),
    ("key must be a string", "tên trường phải là chuỗi"),
    ("lone leading surrogate in hex escape", "nửa cặp thay thế không phải ký tự"),
    ("number out of range", "số quá lớn"),
    ("recursion limit exceeded", "lồng nhau quá sâu"),
    ("trailing characters", "sau giá trị không được có gì"),
    ("trailing comma", "thừa dấu phẩy"),
    ("unexpected end of hex escape", "ký tự thoát thiếu chữ số"),
    // Why a token is not accepted.
    ("the Authorization header is missing", "thiếu tiêu đề Authorization"),
    ("the Authorization header stands twice", "tiêu đề Authorization xuất hiện hai lần"),
    (
        "the Authorization header must be: Bearer, a space, the token",
        "tiêu đề Authorization phải là: Bearer, dấu cách, mã truy cập",
    ),
    ("connection_init carries no Authorization", "connection_init không có Authorization"),
    ("the token is too large", "mã quá dài"),
    ("the token is malformed", "mã sai dạng"),
    ("the token's algorithm is not accepted", "thuật toán của mã không được chấp nhận"),
    ("the token is not of the accepted type", "mã không thuộc loại được chấp nhận"),
    ("the token demands an unknown extension", "mã đòi hỏi phần mở rộng lạ"),
    ("the token's key is not known", "không biết khóa của mã"),
    ("the token's signature does not verify", "chữ ký của mã không đúng"),
    ("the token's issuer is not known", "không biết nơi cấp mã"),
    ("the token is for another audience", "mã dành cho nơi khác"),
    ("the token has expired", "mã đã hết hạn"),
    ("the token has expired or was taken back", "mã đã hết hạn hoặc đã bị thu hồi"),
    ("the client is revoked", "hệ thống này đã bị thu hồi quyền"),
    ("the token is not valid yet", "mã chưa có hiệu lực"),
];

/// Beginnings after which something of the caller's or of the table's follows.
const BEGINNINGS: &[(&str, &str)] = &[
    ("the number ", "số "),
    ("the text ", "văn bản "),
    ("the review of ", "kết quả rà soát năm "),
    ("client ", "hệ thống "),
    ("duplicate field ", "trùng trường "),
    ("filter by ", "lọc theo "),
    ("read ", "đọc "),
    ("use ", "dùng "),
];

/// The words of a gap in Vietnamese; what is none of ours is returned as it is.
pub(super) fn vietnamese(value: &str) -> String {
    if let Some(words) = word(value).or_else(|| listed(value)) {
        return words;
    }
    // What the reader of GraphQL documents misses, by the names of its grammar.
    if let Some(missed) = value.strip_prefix("expected ") {
        return format!("cần {}", missed.replace(", or ", " hoặc ").replace(" or ", " hoặc "));
    }
    let begun = BEGINNINGS.iter().find_map(|(english, word)| Some((word, value.strip_prefix(english)?)));
    begun.map_or_else(|| value.to_owned(), |(word, rest)| format!("{word}{rest}"))
}

fn word(value: &str) -> Option<String> {
    WORDS.iter().find(|(english, _)| *english == value).map(|(_, word)| (*word).to_owned())
}

/// Several words, or words and numbers, with commas between.
fn listed(value: &str) -> Option<String> {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let known = |part: &str| if is_number(part) { Some(part.to_owned()) } else { word(part) };
    let words: Vec<String> = value.split(", ").map(known).collect::<Option<_>>()?;
    (words.len() > 1).then(|| words.join(", "))
}

#[cfg(test)]
mod tests;
