//! Whether texts of a picture stand in each other's way, as far as their lengths are known.

/// A text as a box: where it begins on its base line, how long it is, which way it runs.
struct Label {
    text: String,
    x: f64,
    y: f64,
    width: f64,
    angle: f64,
}

/// The first two texts of a picture that do.
pub fn overlap(svg: &str) -> Option<String> {
    let labels: Vec<Label> = svg.lines().filter_map(label).collect();
    for (index, a) in labels.iter().enumerate() {
        for b in &labels[index + 1..] {
            if !apart(a, b, a.angle) && !apart(a, b, b.angle) {
                return Some(format!(
                    "`{}` at {}, {} and `{}` at {}, {}",
                    a.text, a.x, a.y, b.text, b.x, b.y
                ));
            }
        }
    }
    None
}

fn label(line: &str) -> Option<Label> {
    let (head, text) = line.trim().strip_prefix("<text ")?.split_once('>')?;
    let text = text.strip_suffix("</text>")?.replace("&lt;", "<").replace("&amp;", "&");
    let value = |name: &str| {
        let (_, rest) = head.split_once(&format!("{name}=\""))?;
        Some(rest.split_once('"')?.0)
    };
    let class = value("class")?;
    let width = super::width(class, &text);
    let (x, y, angle) = match value("transform") {
        Some(transform) => {
            let number = |part: &str| part.trim_end_matches(')').parse::<f64>().ok();
            let mut parts = transform.split(['(', ' ']).filter_map(number);
            (parts.next()?, parts.next()?, parts.next()?)
        }
        None => (value("x")?.parse().ok()?, value("y")?.parse().ok()?, 0.0),
    };
    let is_middle = class.contains("middle") || class.contains("on-badge");
    let x = if is_middle { x - width / 2.0 } else { x };
    Some(Label { text, x, y, width, angle })
}

/// Whether there is a gap between two, seen along a direction or across it.
fn apart(a: &Label, b: &Label, angle: f64) -> bool {
    [angle, angle + 90.0].iter().any(|angle| {
        let (sin, cos) = angle.to_radians().sin_cos();
        let extent = |label: &Label| {
            let places = corners(label).map(|(x, y)| x * cos + y * sin);
            let least = places.iter().copied().fold(f64::MAX, f64::min);
            (least, places.iter().copied().fold(f64::MIN, f64::max))
        };
        let (a, b) = (extent(a), extent(b));
        a.1 <= b.0 || b.1 <= a.0
    })
}

/// From a little below the base line to the height of small letters.
fn corners(label: &Label) -> [(f64, f64); 4] {
    let (sin, cos) = label.angle.to_radians().sin_cos();
    let at =
        |along: f64, up: f64| (label.x + along * cos + up * sin, label.y + along * sin - up * cos);
    [at(0.0, -1.0), at(label.width, -1.0), at(label.width, 8.0), at(0.0, 8.0)]
}
