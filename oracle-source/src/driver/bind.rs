/// A value to bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bind<'a> {
    /// NULL is bound as a text too.
    Text(Option<&'a str>),
    Number(u64),
}

/// What can be bound.
pub(crate) trait ToBind {
    fn to_bind(&self) -> Bind<'_>;
}

impl ToBind for &str {
    fn to_bind(&self) -> Bind<'_> {
        Bind::Text(Some(self))
    }
}

impl ToBind for String {
    fn to_bind(&self) -> Bind<'_> {
        Bind::Text(Some(self))
    }
}

impl ToBind for Option<&str> {
    fn to_bind(&self) -> Bind<'_> {
        Bind::Text(*self)
    }
}

impl ToBind for u64 {
    fn to_bind(&self) -> Bind<'_> {
        Bind::Number(*self)
    }
}

impl ToBind for u32 {
    fn to_bind(&self) -> Bind<'_> {
        Bind::Number(u64::from(*self))
    }
}
