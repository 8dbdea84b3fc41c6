//! Every sentence the service says to a caller, in English and Vietnamese, under a stable code.
//!
//! A code is public: callers branch on it, and stored errors and findings keep code and parameters, so that they can be
//! read in either language later. `{name}` in a sentence is replaced by the parameter of that name.

mod terms;

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

/// Language of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English, when the caller is silent.
    #[default]
    En,
    /// Vietnamese.
    Vi,
}

impl Lang {
    /// The language that an `Accept-Language` header (RFC 9110, 12.5.4) asks for: the first of ours by weight.
    pub fn negotiate(header: Option<&str>) -> Self {
        let mut best = (0.0_f32, Self::En);
        for part in header.unwrap_or_default().split(',') {
            let mut pieces = part.split(';');
            let tag = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
            let weight =
                pieces.find_map(|p| p.trim().strip_prefix("q=").map(|q| q.parse().unwrap_or(0.0))).unwrap_or(1.0);
            let lang = match tag.split('-').next() {
                Some("vi") => Self::Vi,
                Some("en") => Self::En,
                _ => continue,
            };
            if weight > best.0 {
                best = (weight, lang);
            }
        }
        best.1
    }

    /// The tag for `Content-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Vi => "vi",
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $code:literal $en:literal $vi:literal)+) => {
        /// What a sentence is about. The wire form is the `SCREAMING_CASE` name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Code { $($(#[$doc])* #[doc = $en] #[serde(rename = $code)] $name,)+ }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The public name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The code of that public name.
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($code => Some(Self::$name),)+ _ => None }
            }

            fn template(self, lang: Lang) -> &'static str {
                match (self, lang) { $((Self::$name, Lang::En) => $en, (Self::$name, Lang::Vi) => $vi,)+ }
            }
        }
    };
}

codes! {
    // The ten codes of the contract (design 4): the class of an error.
    Unauthenticated "UNAUTHENTICATED" "no valid access token: {reason}" "không có mã truy cập hợp lệ: {reason}"
    Forbidden "FORBIDDEN" "your role {role} may not {action}" "vai trò {role} không được phép {action}"
    NotFound "NOT_FOUND" "{what} not found" "không tìm thấy {what}"
    BadUserInput "BAD_USER_INPUT" "the request is not valid: {reason}" "yêu cầu không hợp lệ: {reason}"
    Conflict "CONFLICT" "{reason}" "{reason}"
    TooComplex "TOO_COMPLEX" "the query is too large: {what} {count}, allowed {limit}" "truy vấn quá lớn: {what} {count}, cho phép {limit}"
    RateLimited "RATE_LIMITED" "too many requests; try again in {seconds} s" "quá nhiều yêu cầu; thử lại sau {seconds} giây"
    PayloadTooLarge "PAYLOAD_TOO_LARGE" "the body is larger than {limit} bytes; split it into several pushes" "nội dung lớn hơn {limit} byte; hãy chia thành nhiều lần gửi"
    Unavailable "UNAVAILABLE" "the service cannot answer now; try again later" "dịch vụ tạm thời không trả lời được; hãy thử lại sau"
    Internal "INTERNAL" "internal error; the request id finds it in the log" "lỗi nội bộ; dùng mã yêu cầu để tra nhật ký"

    // Requests as a whole.
    MethodNotAllowed "METHOD_NOT_ALLOWED" "this path does not take {method}; allowed: {allowed}" "đường dẫn này không nhận {method}; cho phép: {allowed}"
    UnsupportedMediaType "UNSUPPORTED_MEDIA_TYPE" "content type {found} is not read here; send one of {allowed}" "không đọc được kiểu nội dung {found}; hãy gửi một trong {allowed}"
    UnsupportedCharset "UNSUPPORTED_CHARSET" "text in {found} is not read here; save and send it as UTF-8 (in Excel: CSV UTF-8)" "ở đây không đọc văn bản mã hóa {found}; hãy lưu và gửi dạng UTF-8 (Excel: CSV UTF-8)"
    NotAcceptable "NOT_ACCEPTABLE" "none of the types asked for can be given; ask for one of {allowed}" "không có kiểu trả lời nào theo yêu cầu; hãy chọn một trong {allowed}"
    BodyIncomplete "BODY_INCOMPLETE" "the body ended early; nothing was stored; send it again with the same Idempotency-Key" "nội dung bị ngắt giữa chừng; chưa lưu gì; hãy gửi lại với cùng Idempotency-Key"
    BodyTooSlow "BODY_TOO_SLOW" "the body came too slowly: beyond {seconds} s of waiting it must bring {rate} bytes a second; nothing was stored; send it again with the same Idempotency-Key" "nội dung đến quá chậm: ngoài {seconds} giây chờ phải đạt {rate} byte mỗi giây; chưa lưu gì; hãy gửi lại với cùng Idempotency-Key"
    Overloaded "OVERLOADED" "the service has more to do than it can now; try again later" "dịch vụ đang quá tải; hãy thử lại sau"
    OriginNotAllowed "ORIGIN_NOT_ALLOWED" "pages of this origin may not use the service; the operator lists those that may" "trang web từ nguồn này không được dùng dịch vụ; người vận hành quy định các nguồn được phép"
    TimedOut "TIMED_OUT" "the request took longer than {seconds} s; ask for less at a time" "yêu cầu quá {seconds} giây; hãy hỏi ít hơn mỗi lần"
    StorageFull "STORAGE_FULL" "the service has no room to store anything; nothing was stored; try again later" "dịch vụ hết chỗ lưu trữ; chưa lưu gì; hãy thử lại sau"
    UnknownParameter "UNKNOWN_PARAMETER" "unknown parameter; allowed: {allowed}" "tham số lạ; cho phép: {allowed}"

    // The HTTP door.
    UnknownPath "UNKNOWN_PATH" "nothing is at this path; /openapi.json lists the paths" "không có gì tại đường dẫn này; /openapi.json liệt kê các đường dẫn"
    HeaderTwice "HEADER_TWICE" "the header stands twice" "tiêu đề HTTP xuất hiện hai lần"
    UnknownHeader "UNKNOWN_HEADER" "unknown Ansinh header; allowed: {allowed}" "tiêu đề Ansinh lạ; cho phép: {allowed}"
    HeaderNotUtf8 "HEADER_NOT_UTF8" "the header is not UTF-8 text" "tiêu đề HTTP không phải văn bản UTF-8"
    // GraphQL documents and how they travel.
    SyntaxError "SYNTAX_ERROR" "the document cannot be read at line {line}, column {column}: {reason}" "không đọc được tài liệu GraphQL tại dòng {line}, cột {column}: {reason}"
    FragmentCycle "FRAGMENT_CYCLE" "fragment {name} spreads itself" "fragment {name} tự lồng chính nó"
    OperationNotFound "OPERATION_NOT_FOUND" "the document has no operation {name}" "tài liệu GraphQL không có thao tác {name}"
    OperationNameRequired "OPERATION_NAME_REQUIRED" "the document has several operations; name the one to run" "tài liệu GraphQL có nhiều thao tác; hãy nêu tên thao tác cần chạy"
    VariableRequired "VARIABLE_REQUIRED" "the variable of type {type} is required and has no value" "biến kiểu {type} là bắt buộc nhưng không có giá trị"
    IntrospectionDisabled "INTROSPECTION_DISABLED" "introspection is disabled here; read the published schema.graphql" "ở đây không cho truy vấn lược đồ (introspection); hãy đọc schema.graphql đã công bố"
    MutationOverGet "MUTATION_OVER_GET" "a mutation or subscription is not run by GET; send it by POST" "không chạy mutation hoặc subscription bằng GET; hãy gửi bằng POST"
    SubscriptionTransport "SUBSCRIPTION_TRANSPORT" "a subscription needs a stream: ask for {allowed}" "subscription cần một luồng: hãy dùng {allowed}"
    ListGoesOn "LIST_GOES_ON" "the list goes on: ask for the rest with this after, and first up to 500" "danh sách còn tiếp: hãy hỏi phần còn lại với after này, first tối đa 500"
    BatchRefused "BATCH_REFUSED" "the body must be one request; an array of requests is not taken" "nội dung phải là một yêu cầu; không nhận mảng nhiều yêu cầu"
    TooManySubscriptions "TOO_MANY_SUBSCRIPTIONS" "more than {limit} operations at once on one connection; complete some first" "quá {limit} thao tác cùng lúc trên một kết nối; hãy kết thúc bớt"

    // Files and their rows.
    NotJson "NOT_JSON" "not valid JSON at line {line}, column {column}: {reason}" "JSON không hợp lệ tại dòng {line}, cột {column}: {reason}"
    NotUtf8 "NOT_UTF8" "not UTF-8 text (byte {offset}); save the file as UTF-8 (in Excel: CSV UTF-8) and send it again" "không phải văn bản UTF-8 (byte {offset}); hãy lưu tệp dạng UTF-8 (Excel: CSV UTF-8) rồi gửi lại"
    NoRecords "NO_RECORDS" "there is no record in the body" "không có bản ghi nào trong nội dung"
    RaggedRow "RAGGED_ROW" "the row has {found} fields, the header {expected}" "dòng có {found} ô, tiêu đề có {expected} ô"
    MissingColumn "MISSING_COLUMN" "the header lacks a required column" "tiêu đề thiếu cột bắt buộc"
    UnknownField "UNKNOWN_FIELD" "unknown field; allowed: {allowed}" "trường lạ; cho phép: {allowed}"
    DuplicateField "DUPLICATE_FIELD" "stands twice; send it once" "xuất hiện hai lần; chỉ gửi một lần"
    NotARecord "NOT_A_RECORD" "a record must be an object with named fields" "bản ghi phải là đối tượng có tên trường"
    RecordTooLarge "RECORD_TOO_LARGE" "the record is larger than {limit} bytes" "bản ghi lớn hơn {limit} byte"
    TooManyFields "TOO_MANY_FIELDS" "more than {limit} fields in one object" "hơn {limit} trường trong một đối tượng"
    BadQuotes "BAD_QUOTES" "quotation marks do not pair in the cell that begins on line {line}; close it, and write each one inside a cell twice" "dấu ngoặc kép không khớp ở ô bắt đầu tại dòng {line}; hãy đóng ngoặc, và viết đôi mỗi dấu nằm trong ô"
    RowsDisagree "ROWS_DISAGREE" "line {line} gives another value under the same reference" "dòng {line} ghi giá trị khác cho cùng mã tham chiếu"
    ControlCountMismatch "CONTROL_COUNT_MISMATCH" "declaredCount is {declared}, {found} records were received; nothing was stored" "declaredCount là {declared}, nhận được {found} bản ghi; chưa lưu gì"
    ControlAmountMismatch "CONTROL_AMOUNT_MISMATCH" "declaredAmount is {declared} VND, the records add up to {found} VND; nothing was stored" "declaredAmount là {declared} đồng, tổng các bản ghi là {found} đồng; chưa lưu gì"
    AtomicRefused "ATOMIC_REFUSED" "{count} of {received} rows were not accepted and the push is atomic; nothing was stored" "{count} trên {received} dòng không được nhận và lần gửi là nguyên khối; chưa lưu gì"
    IdempotencyKeyReused "IDEMPOTENCY_KEY_REUSED" "this Idempotency-Key was used with another body or other control data; take a new key for a new push" "Idempotency-Key này đã dùng với nội dung hoặc số liệu kiểm soát khác; hãy dùng khóa mới cho lần gửi mới"
    IdempotencyKeysDiffer "IDEMPOTENCY_KEYS_DIFFER" "the body names another key than the header Idempotency-Key; send one" "nội dung ghi khóa khác với tiêu đề Idempotency-Key; chỉ gửi một khóa"
    IdempotencyKeyRunning "IDEMPOTENCY_KEY_RUNNING" "the push with this Idempotency-Key is still running; ask again shortly" "lần gửi với Idempotency-Key này đang chạy; hãy hỏi lại sau giây lát"

    // Values.
    Required "REQUIRED" "required and missing" "bắt buộc nhưng thiếu"
    WrongType "WRONG_TYPE" "must be {expected}, not {found}" "phải là {expected}, không phải {found}"
    TooLong "TOO_LONG" "longer than {limit} characters" "dài hơn {limit} ký tự"
    ControlCharacter "CONTROL_CHARACTER" "contains a control character (such as NUL); remove it" "chứa ký tự điều khiển (như NUL); hãy xóa đi"
    NotADate "NOT_A_DATE" "{value} is not a day of the calendar; write YYYY-MM-DD" "{value} không phải ngày có thật; hãy viết YYYY-MM-DD"
    DateFormat "DATE_FORMAT" "{value} is not in the form YYYY-MM-DD; did you mean {suggestion}?" "{value} không theo dạng YYYY-MM-DD; có phải {suggestion}?"
    DateRange "DATE_RANGE" "the date must lie between {from} and {to}" "ngày phải trong khoảng {from} đến {to}"
    PeriodBackwards "PERIOD_BACKWARDS" "ends before it begins ({from})" "kết thúc trước khi bắt đầu ({from})"
    NotAnAmount "NOT_AN_AMOUNT" "{value} is not a whole number of VND; write digits only, without zeros in front, as 50000000" "{value} không phải số đồng nguyên; chỉ viết chữ số, không có số 0 ở đầu, ví dụ 50000000"
    AmountNotPositive "AMOUNT_NOT_POSITIVE" "the amount must be more than 0 VND; a payment is taken back by a reversal" "số tiền phải lớn hơn 0 đồng; muốn hủy khoản chi hãy ghi bút toán đảo"
    AmountTooLarge "AMOUNT_TOO_LARGE" "the amount is larger than {limit} VND" "số tiền lớn hơn {limit} đồng"
    NumberRange "NUMBER_RANGE" "must be between {from} and {to}" "phải từ {from} đến {to}"
    NotANumber "NOT_A_NUMBER" "{value} is not {expected}" "{value} không phải {expected}"
    PersonalIdFormat "PERSONAL_ID_FORMAT" "a personal ID has 12 digits" "số định danh cá nhân có 12 chữ số"
    PersonalIdMissingZero "PERSONAL_ID_MISSING_ZERO" "11 digits: Excel has dropped the leading zero; did you mean {suggestion}?" "11 chữ số: Excel đã bỏ số 0 ở đầu; có phải {suggestion}?"
    PersonalIdProvince "PERSONAL_ID_PROVINCE" "{value} is no province of birth registration" "{value} không phải mã tỉnh đăng ký khai sinh"
    CardNumberFormat "CARD_NUMBER_FORMAT" "a card number has 10 digits, 12 digits or the 15 characters of the old card" "mã thẻ có 10 chữ số, 12 chữ số hoặc 15 ký tự theo thẻ cũ"
    CodeFormat "CODE_FORMAT" "{value} is not of the form {expected}" "{value} không đúng dạng {expected}"
    NotInList "NOT_IN_LIST" "{value} is not one of {allowed}" "{value} không thuộc {allowed}"
    UnknownProgramme "UNKNOWN_PROGRAMME" "{value} is no programme of this kind; known: {allowed}" "{value} không phải chương trình thuộc loại này; có: {allowed}"
    UnknownUnit "UNKNOWN_UNIT" "{value} is no commune on {date}" "{value} không phải mã xã vào ngày {date}"
    NoSuchUnit "NO_SUCH_UNIT" "no unit bears or bore the code {value}; administrativeUnits(search) of GraphQL finds codes by name" "không có đơn vị nào mang hoặc từng mang mã {value}; administrativeUnits(search) của GraphQL tìm mã theo tên"
    UnitOutOfArea "UNIT_OUT_OF_AREA" "unit {value} is not in your area" "đơn vị {value} không thuộc địa bàn của bạn"
    EitherOr "EITHER_OR" "give {fields}, not both" "chỉ ghi một trong hai: {fields}"
    OneOf "ONE_OF" "one of {fields} is required" "cần một trong {fields}"
    HeadCount "HEAD_COUNT" "a household has exactly one head; found {found}" "mỗi hộ có đúng một chủ hộ; thấy {found}"
    BirthMissing "BIRTH_MISSING" "birthDate or birthYear is required" "cần birthDate hoặc birthYear"
    SameIdTwice "SAME_ID_TWICE" "the personal ID stands twice in this push" "số định danh xuất hiện hai lần trong lần gửi này"
    RegisteredElsewhere "REGISTERED_ELSEWHERE" "the personal ID is registered elsewhere; ask the commune of registration for the move" "số định danh đã đăng ký nơi khác; hãy đề nghị xã nơi đăng ký làm thủ tục chuyển"
    InsuranceNoTaken "INSURANCE_NO_TAKEN" "the social-insurance number is registered for another person; check which of the two is right" "số bảo hiểm xã hội đã đăng ký cho người khác; hãy kiểm tra ai đúng"
    ReferenceConflict "REFERENCE_CONFLICT" "this reference is stored with other content; nothing changed; send a correction under a new reference" "mã tham chiếu này đã lưu với nội dung khác; không thay đổi gì; hãy gửi bản điều chỉnh với mã mới"
    ElsewhereLimit "ELSEWHERE_LIMIT" "too many rows name what is registered outside your area; send fewer of them at a time, the next in {seconds} s" "quá nhiều dòng nêu thông tin đã đăng ký ngoài địa bàn của bạn; hãy gửi ít hơn mỗi lần, lần sau cách {seconds} giây"
    ContractMismatch "CONTRACT_MISMATCH" "contract {contract} is held with another {what}" "hợp đồng {contract} đã ghi với {what} khác"
    AlreadyRecorded "ALREADY_RECORDED" "{what} is recorded already" "{what} đã được ghi"

    // Why a row waits.
    UnknownPerson "UNKNOWN_PERSON" "no person with this ID in your area; once the person is registered, send the row again" "không có người mang số này trong địa bàn; khi người đó đã được đăng ký, hãy gửi lại dòng này"
    UnknownHousehold "UNKNOWN_HOUSEHOLD" "no household with this code in your area; once it is registered, send the row again" "không có hộ mang mã này trong địa bàn; khi hộ đã được đăng ký, hãy gửi lại dòng này"
    AmbiguousHousehold "AMBIGUOUS_HOUSEHOLD" "several households bear this code; give unitCode" "nhiều hộ mang mã này; hãy ghi unitCode"
    NoHousehold "NO_HOUSEHOLD" "the person belongs to no household on {date}" "người này không thuộc hộ nào vào ngày {date}"

    // Findings: doubts about stored facts.
    NotOnPoorList "NOT_ON_POOR_LIST" "the household is {class} on {date}; {programme} is for {eligible}" "hộ được xếp là {class} vào ngày {date}; {programme} dành cho {eligible}"
    NoReview "NO_REVIEW" "no review is known for the household on {date}" "không có kết quả rà soát của hộ vào ngày {date}"
    AmountAboveCeiling "AMOUNT_ABOVE_CEILING" "{amount} VND in all is above the ceiling of {ceiling} VND ({basis})" "tổng {amount} đồng vượt mức tối đa {ceiling} đồng ({basis})"
    TermAboveLimit "TERM_ABOVE_LIMIT" "{months} months is longer than the {limit} months allowed" "{months} tháng dài hơn mức {limit} tháng cho phép"
    RateDiffers "RATE_DIFFERS" "{rate} % a year; the programme's rate is {expected} %" "{rate} %/năm; lãi suất của chương trình là {expected} %"
    ProgrammeNotInForce "PROGRAMME_NOT_IN_FORCE" "{programme} is not in force on {date}" "{programme} không có hiệu lực vào ngày {date}"
    NameDiffers "NAME_DIFFERS" "the name sent is not the name registered for this ID" "tên gửi đến khác tên đăng ký của số định danh này"
    BirthYearDiffers "BIRTH_YEAR_DIFFERS" "the year of birth sent is not the one registered" "năm sinh gửi đến khác năm sinh đăng ký"
    IdDisagrees "ID_DISAGREES" "the personal ID says {expected}; sex or birth year, or the number, is wrong" "số định danh cho biết {expected}; giới tính, năm sinh hoặc chính số này bị sai"
    Overlap "OVERLAP" "the same support is recorded already for this {what}" "cùng khoản hỗ trợ đã được ghi cho {what} này"
    AmountDiffers "AMOUNT_DIFFERS" "{amount} VND; the rule gives {expected} VND" "{amount} đồng; theo quy định là {expected} đồng"
    MonthsAboveLimit "MONTHS_ABOVE_LIMIT" "{months} months is more than the {limit} allowed" "{months} tháng vượt mức {limit} tháng cho phép"
    ClassDiffers "CLASS_DIFFERS" "the scores give {computed}, the decision says {decided}" "điểm số cho kết quả {computed}, quyết định ghi {decided}"
    GroupDiffers "GROUP_DIFFERS" "group {group} does not fit class {class}" "nhóm {group} không khớp với diện {class}"
    FutureDate "FUTURE_DATE" "the date lies in the future" "ngày ở tương lai"
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A code with the parameters of its sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// What it is about.
    pub code: Code,
    /// What stands in the gaps.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<Cow<'static, str>, String>,
}

impl Message {
    /// A sentence without parameters as yet.
    pub fn new(code: Code) -> Self {
        Self { code, params: BTreeMap::new() }
    }

    /// The same with one gap filled.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.params.insert(Cow::Borrowed(name), value.to_string());
        self
    }

    /// The sentence in a language.
    pub fn text(&self, lang: Lang) -> String {
        let mut text = self.code.template(lang).to_owned();
        for (name, value) in &self.params {
            let value = match lang {
                Lang::Vi if terms::GAPS.contains(&&**name) => Cow::Owned(terms::vietnamese(value)),
                _ => Cow::Borrowed(value.as_str()),
            };
            text = text.replace(&format!("{{{name}}}"), &value);
        }
        text
    }
}

impl From<Code> for Message {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

/// What is wrong with one field, or (without a field) with the record or request as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Path of the field in the caller's own terms, as `members.2.personalId`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is wrong and what helps.
    #[serde(flatten)]
    pub message: Message,
}

impl Fault {
    /// A fault of one field.
    pub fn at(field: impl Into<String>, message: impl Into<Message>) -> Self {
        Self { field: Some(field.into()), message: message.into() }
    }

    /// A fault of the whole.
    pub fn whole(message: impl Into<Message>) -> Self {
        Self { field: None, message: message.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_heaviest_of_ours() {
        assert_eq!(Lang::negotiate(None), Lang::En);
        assert_eq!(Lang::negotiate(Some("vi-VN,vi;q=0.9,en;q=0.8")), Lang::Vi);
        assert_eq!(Lang::negotiate(Some("fr, en;q=0.5, vi;q=0.7")), Lang::Vi);
        assert_eq!(Lang::negotiate(Some("*")), Lang::En);
    }

    #[test]
    fn both_languages_of_a_sentence_have_the_same_gaps() {
        let gaps = |text: &str| {
            let mut found: Vec<String> =
                text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).map(str::to_owned).collect();
            found.sort();
            found
        };
        for code in Code::ALL {
            assert_eq!(gaps(code.template(Lang::En)), gaps(code.template(Lang::Vi)), "{code}");
            assert_eq!(Code::parse(code.as_str()), Some(*code));
        }
    }
}
