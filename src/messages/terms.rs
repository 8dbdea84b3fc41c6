//! The words that stand in the gaps of sentences, in Vietnamese. Codes, names of fields and what a caller sent stay as
//! they are.

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
    ("a whole number of records", "số bản ghi nguyên"),
    ("a decimal number", "số thập phân"),
    ("a decimal number with at most 3 places, as 6.6", "số thập phân có nhiều nhất 3 chữ số lẻ, ví dụ 6.6"),
    ("a number of months", "số tháng"),
    ("a date YYYY-MM-DD", "ngày dạng YYYY-MM-DD"),
    ("a UUID", "UUID"),
    ("1–200 ASCII signs", "1–200 ký tự ASCII"),
    ("1 personal ID", "1 số định danh"),
    ("10000 personal IDs", "10000 số định danh"),
    // Things of the domain.
    ("batch", "lần gửi"),
    ("household", "hộ"),
    ("person", "người"),
    ("pupil", "học sinh"),
    ("programme", "chương trình"),
    ("the client", "hệ thống này"),
    ("the record", "bản ghi"),
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
    ("filter by ", "lọc theo "),
    ("read ", "đọc "),
];

/// The words of a gap in Vietnamese; what is none of ours is returned as it is.
pub(super) fn vietnamese(value: &str) -> String {
    if let Some((_, word)) = WORDS.iter().find(|(english, _)| *english == value) {
        return (*word).to_owned();
    }
    let begun = BEGINNINGS.iter().find_map(|(english, word)| Some((word, value.strip_prefix(english)?)));
    begun.map_or_else(|| value.to_owned(), |(word, rest)| format!("{word}{rest}"))
}
