//! Records that somebody must refuse.

/// What is wrong with a record. The first four the client's `envelope` check sees; the others only the service does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// The line ends in the middle: no valid JSON.
    CutLine,
    /// `ref` is no UUID.
    RefNotUuid,
    /// `schema` is none that exists.
    UnknownSchema,
    /// `value` is a text.
    ValueNotObject,
    /// No identifiers: "Not enough identifying information".
    NoIdentity,
    /// An extension attribute is an object: "Validation error".
    NestedAttribute,
    /// `guestType` is not `customer`: "Validation error".
    GuestType,
    /// `mode` is `insert`, which guests do not have: "Unsupported mode".
    Insert,
}

impl Defect {
    /// Every defect, in the order in which a corpus shows them, again and again.
    pub const ALL: [Defect; 8] = [
        Defect::CutLine,
        Defect::NoIdentity,
        Defect::RefNotUuid,
        Defect::NestedAttribute,
        Defect::UnknownSchema,
        Defect::GuestType,
        Defect::ValueNotObject,
        Defect::Insert,
    ];
}
