use relay::{
    capture::{Event, Screen, v4l2::V4l2Screen},
    stream::Stream,
};
use shared::message::VideoSettings;
use std::time::{Duration, Instant};
fn main() {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let args: Vec<String> = std::env::args().collect();
    let path = args.get(2).map_or("/dev/video0", |s| s.as_str());
    let seconds: u64 = args.get(3).map_or(5, |s| s.parse().unwrap());
    match args[1].as_str() {
        "watch" => {
            let mut screen = V4l2Screen::new(path);
            let start = Instant::now();
            let (mut changed, mut unchanged) = (0, 0);
            let mut sum = 0u64;
            while start.elapsed() < Duration::from_secs(seconds) {
                let t = Instant::now();
                let e = screen.next(Duration::from_millis(100));
                match e {
                    Ok(Event::Changed) => {
                        changed += 1;
                        let p = screen.picture().unwrap();
                        let now = std::time::SystemTime::now()
                            .duration_since(std::time::UNIX_EPOCH)
                            .unwrap()
                            .as_micros() as u64;
                        sum += now - p.captured_us;
                        if changed == 1 {
                            println!(
                                "first picture {:?} {}x{} stride {} len {} at {:?}",
                                p.format,
                                p.width,
                                p.height,
                                p.stride,
                                p.data.len(),
                                start.elapsed()
                            );
                        }
                    }
                    Ok(Event::Unchanged) => unchanged += 1,
                    other => {
                        println!(
                            "{:?} {other:?} (took {:?}; {changed} changed {unchanged} same)",
                            start.elapsed(),
                            t.elapsed()
                        );
                        if other.is_err() {
                            std::thread::sleep(Duration::from_millis(500));
                        }
                    }
                }
            }
            println!(
                "{changed} changed, {unchanged} unchanged in {seconds} s; mean age {} us",
                if changed > 0 { sum / changed } else { 0 }
            );
        }
        "edid" => {
            let mut s = V4l2Screen::new(path);
            println!(
                "{:?}",
                s.edid()
                    .map(|e| (e.len(), e[..16].to_vec()))
                    .map_err(|e| e.to_string())
            );
        }
        "setedid" => {
            let mut s = V4l2Screen::new(path);
            let b = std::fs::read(&args[4]).unwrap();
            println!("{:?}", s.set_edid(&b).map_err(|e| e.to_string()));
        }
        "stream" => {
            let s = Stream::start(Box::new(V4l2Screen::new(path)), VideoSettings::default());
            let rt = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()
                .unwrap();
            rt.block_on(async {
                let mut sub = s.subscribe();
                let start = Instant::now();
                let (mut n, mut bytes, mut enc) = (0u64, 0u64, 0u64);
                while start.elapsed() < Duration::from_secs(seconds) {
                    if let Ok(e) = tokio::time::timeout(Duration::from_secs(1), sub.next()).await {
                        if e.frame.key {
                            println!(
                                "{:?} {:?} {} bytes",
                                start.elapsed(),
                                e.frame,
                                e.message.len()
                            );
                        }
                        n += 1;
                        bytes += e.message.len() as u64;
                        enc += u64::from(e.frame.encode_us);
                    } else {
                        println!("{:?} nothing; {:?}", start.elapsed(), *s.signal().borrow());
                    }
                }
                println!(
                    "{n} frames {bytes} bytes, mean encode_us {}",
                    enc / n.max(1)
                );
            });
            s.stop();
        }
        _ => panic!(),
    }
}
