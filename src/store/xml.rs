//! Characters that XML 1.0 has no way to write. Documents have them, and a writer that lets one
//! through makes the whole answer unreadable.

use std::io::{self, Write};

/// Passes bytes on; in XML, control characters as U+FFFD.
pub struct Writable<W> {
    to: W,
    is_xml: bool,
}

impl<W: Write> Writable<W> {
    pub fn new(is_xml: bool, to: W) -> Self {
        Self { to, is_xml }
    }

    pub fn into_inner(self) -> W {
        self.to
    }
}

fn is_forbidden(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')
}

impl<W: Write> Write for Writable<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_xml {
            return self.to.write(bytes);
        }
        for (i, part) in bytes.split(|byte| is_forbidden(*byte)).enumerate() {
            if i > 0 {
                self.to.write_all("\u{FFFD}".as_bytes())?;
            }
            self.to.write_all(part)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(is_xml: bool, text: &str) -> String {
        let mut out = Writable::new(is_xml, Vec::new());
        out.write_all(text.as_bytes()).expect("a list takes all bytes");
        String::from_utf8(out.into_inner()).expect("it stays UTF-8")
    }

    #[test]
    fn only_xml_loses_what_it_cannot_write() {
        let text = "\u{1b}[31m ü\tä\r\n\0";
        assert_eq!(written(true, text), "\u{FFFD}[31m ü\tä\r\n\u{FFFD}");
        assert_eq!(written(false, text), text);
    }
}
