//! As much of SVG as a tree of boxes needs. Lengths are whole pixels.

use std::fmt::{Display, Write};

/// Where a text is held.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
}

/// A colour with a meaning.
#[derive(Clone, Copy)]
pub(super) enum Tone {
    Ink,
    Grey,
    Payable,
    Reserved,
    Owner,
}

impl Tone {
    fn colour(self) -> &'static str {
        match self {
            Tone::Ink => "#1c2a33",
            Tone::Grey => "#5b6b75",
            Tone::Payable => "#cfe8d5",
            Tone::Reserved => "#f6dfae",
            Tone::Owner => "#d5e3f3",
        }
    }
}

/// A box: left, top, width, height.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// A drawing under way.
pub(super) struct Drawing {
    out: String,
}

impl Drawing {
    /// A white sheet with a title and a subtitle in its first 84 pixels.
    pub(super) fn new(width: i32, height: i32, title: &str, subtitle: &str) -> Drawing {
        let mut drawing = Drawing { out: String::new() };
        drawing.write(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" \
             font-family=\"sans-serif\" role=\"img\">\n<title>{}</title>\n<rect width=\"100%\" \
                  height=\"100%\" fill=\"#ffffff\"/>\n",
            escaped(title)
        ));
        drawing.text((24, 38), 24, Anchor::Start, Tone::Ink, title);
        drawing.text((24, 66), 15, Anchor::Start, Tone::Grey, subtitle);
        drawing
    }

    /// The whole document.
    pub(super) fn finish(mut self) -> String {
        self.out.push_str("</svg>\n");
        self.out
    }

    pub(super) fn rect(&mut self, place: Place, fill: Tone) {
        let Place { left, top, width, height } = place;
        self.write(format_args!(
            "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"{}\" \
             stroke=\"{}\"/>\n",
            fill.colour(),
            Tone::Grey.colour()
        ));
    }

    pub(super) fn line(&mut self, from: (i32, i32), to: (i32, i32)) {
        self.write(format_args!(
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"{}\"/>\n",
            from.0,
            from.1,
            to.0,
            to.1,
            Tone::Grey.colour()
        ));
    }

    pub(super) fn text(&mut self, at: (i32, i32), size: i32, anchor: Anchor, tone: Tone, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
        };
        self.write(format_args!(
            "<text x=\"{}\" y=\"{}\" font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"{}\">{}</text>\n",
            at.0,
            at.1,
            tone.colour(),
            escaped(text)
        ));
    }

    fn write(&mut self, text: impl Display) {
        write!(self.out, "{text}").expect("writing to a String cannot fail");
    }
}

/// The largest size, at most `size`, at which the text is no wider than `width`: a letter is taken to be as wide as two
/// thirds of its height.
pub(super) fn fitting(text: &str, width: i32, size: i32) -> i32 {
    let letters = i32::try_from(text.chars().count().max(1)).unwrap_or(i32::MAX);
    size.min(width.saturating_mul(3) / letters.saturating_mul(2)).max(1)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_set_smaller_and_signs_of_markup_are_escaped() {
        assert_eq!((fitting("9", 120, 16), fitting("48.600000000000000001", 120, 16)), (16, 8));
        let mut drawing = Drawing::new(10, 10, "a<b", "");
        drawing.text((1, 2), 16, Anchor::Middle, Tone::Ink, "x & y");
        let text = drawing.finish();
        assert!(text.contains("<title>a&lt;b</title>") && text.contains(">x &amp; y</text>"), "{text}");
    }
}
