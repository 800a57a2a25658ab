//! Frames of HTTP/2 as they pass, in any pieces: their heads, and what is in those that are short (RFC 9113, section 4.1).

/// The head of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Bytes of what follows it.
    pub(super) length: u32,
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
}

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const PRIORITY: u8 = 2;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PUSH_PROMISE: u8 = 5;
pub(super) const PING: u8 = 6;
pub(super) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const END_STREAM: u8 = 0x1;
pub(super) const ACK: u8 = 0x1;
pub(super) const END_HEADERS: u8 = 0x4;

impl Head {
    fn of(bytes: [u8; 9]) -> Self {
        let [l2, l1, l0, kind, flags, s3, s2, s1, s0] = bytes;
        Self {
            length: u32::from_be_bytes([0, l2, l1, l0]),
            kind,
            flags,
            stream: u32::from_be_bytes([s3 & 0x7f, s2, s1, s0]),
        }
    }

    pub(super) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Bytes of each entry in it that is told.
    fn entry(&self) -> usize {
        match self.kind {
            SETTINGS => 6,
            RST_STREAM | WINDOW_UPDATE => 4,
            _ => 0,
        }
    }
}

/// What was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// A frame begins.
    Frame(Head),
    /// A setting, an increment or an error code in one; of the latter two, the first four bytes.
    Entry(Head, [u8; 6]),
}

/// Where in the frames of one direction it is.
#[derive(Debug, Default)]
pub(super) struct Frames {
    head: [u8; 9],
    has: u8,
    /// The frame whose bytes are passing.
    frame: Option<Head>,
    left: u32,
    entry: [u8; 6],
    has_entry: u8,
}

impl Frames {
    /// Tells what there is in the next bytes.
    pub(super) fn pass<E>(
        &mut self,
        mut bytes: &[u8],
        mut see: impl FnMut(Seen) -> Result<(), E>,
    ) -> Result<(), E> {
        while !bytes.is_empty() {
            match self.frame {
                None => {
                    if let Some(head) = self.begin(&mut bytes) {
                        (self.frame, self.left, self.has_entry) = (Some(head), head.length, 0);
                        see(Seen::Frame(head))?;
                        self.end();
                    }
                }
                Some(head) => self.inside(head, &mut bytes, &mut see)?,
            }
        }
        Ok(())
    }

    /// Whether a frame has begun and not ended, and of which kind it is, as far as that is known.
    pub(super) fn unfinished(&self) -> Option<Option<u8>> {
        match self.frame {
            Some(head) => Some(Some(head.kind)),
            None => (self.has > 0).then_some(None),
        }
    }

    fn begin(&mut self, bytes: &mut &[u8]) -> Option<Head> {
        let (place, piece) = fill(&mut self.head, self.has, bytes);
        (self.has, *bytes) = (place, piece);
        (usize::from(self.has) == self.head.len()).then(|| {
            self.has = 0;
            Head::of(self.head)
        })
    }

    fn inside<E>(
        &mut self,
        head: Head,
        bytes: &mut &[u8],
        see: &mut impl FnMut(Seen) -> Result<(), E>,
    ) -> Result<(), E> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
        let (mut inside, rest) = bytes.split_at(most);
        self.left -= u32::try_from(most).unwrap_or(self.left);
        *bytes = rest;
        let size = head.entry();
        while size > 0 && !inside.is_empty() {
            let entry = self.entry.get_mut(..size).unwrap_or_default();
            (self.has_entry, inside) = fill(entry, self.has_entry, inside);
            if usize::from(self.has_entry) == size {
                self.has_entry = 0;
                see(Seen::Entry(head, self.entry))?;
            }
        }
        self.end();
        Ok(())
    }

    fn end(&mut self) {
        if self.left == 0 {
            self.frame = None;
        }
    }
}

/// Fills a place that has some bytes already; gives how many it has, and what is left.
fn fill<'b>(place: &mut [u8], has: u8, bytes: &'b [u8]) -> (u8, &'b [u8]) {
    let free = place.get_mut(usize::from(has)..).unwrap_or_default();
    let most = free.len().min(bytes.len());
    let (piece, rest) = bytes.split_at(most);
    if let Some(free) = free.get_mut(..most) {
        free.copy_from_slice(piece);
    }
    (has + u8::try_from(most).unwrap_or(0), rest)
}
