//! Time to start, time to the first answer, memory and size of each function, compared with a function that does nothing.
//! The functions are started alternately.

use std::{
    io::Write,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::Context;
use flate2::{Compression, write::DeflateEncoder};

use crate::{
    endpoints::Endpoints,
    function::{Events, Function},
    options::Options,
    page::Page,
    process::Process,
    report::{Report, median, quantile},
    runtime_api::RuntimeApi,
    tls::Authority,
};

/// A function's start, divided by the empty function's start.
const START_AIM: f64 = 1.5;

/// The size of the zipped package, in MB of 1,000,000 bytes.
const SIZE_AIM: f64 = 5.0;

/// Invocations after the first. The report has the time of the first of these. The others only affect the memory.
const WARM: usize = 5;

/// How a function reaches DynamoDB and SQS.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wire {
    /// With TLS, as in the cloud.
    Https,
    /// Without TLS, as with the embedded stack.
    Http,
}

/// The measurements of a function over one kind of connection.
#[derive(Default)]
struct Runs {
    starts: Vec<f64>,
    processor: Vec<f64>,
    firsts: Vec<f64>,
    both: Vec<f64>,
    processor_of_both: Vec<f64>,
    seconds: Vec<f64>,
    peaks: Vec<f64>,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<Report> {
    let rounds = if options.quick { 2 } else { 40 };
    let mut report = Report::new("cold_start", options);
    let directory = directory(options)?;
    let endpoints = Endpoints::open(options).await?;
    let mut place = endpoints.place.clone();
    let mut events = Events::new(&place).await;
    let authority = Authority::new()?;
    let (dynamodb, sqs) = (authority.secure(&place.dynamodb).await?, authority.secure(&place.sqs).await?);
    let roots = ("SSL_CERT_FILE", authority.roots.display().to_string());

    report.progress(format!("{rounds} starts of each function, in turn, over https and over http"));
    let mut found: Vec<(Function, Wire, Runs)> = Vec::new();
    for wire in [Wire::Https, Wire::Http] {
        (place.dynamodb, place.sqs) = match wire {
            Wire::Https => (dynamodb.url.clone(), sqs.url.clone()),
            Wire::Http => (endpoints.place.dynamodb.clone(), endpoints.place.sqs.clone()),
        };
        let mut runs = Function::ALL.map(|function| (function, wire, Runs::default()));
        // The first round is not counted, because it reads the programs from the disk.
        for round in 0..=rounds {
            for (function, _, runs) in &mut runs {
                let mut settings = place.settings();
                settings.push(roots.clone());
                let one = start(&directory, *function, settings, &mut events).await?;
                if round > 0 {
                    runs.add(&one);
                }
            }
        }
        found.extend(runs);
    }
    let mut page = Page::new([
        "function",
        "start, median · min · p95",
        "of the empty one's · over http",
        "first answer",
        "processor time: start · with first answer",
        "second answer",
        "peak memory",
        "binary",
        "zipped",
    ]);
    for (function, wire, runs) in &found {
        let ratio = |wire| start_of(&found, *function, wire) / start_of(&found, Function::Empty, wire);
        let size = Size::of(&directory.join(function.program()))?;
        add(&mut report, *function, *wire, runs, ratio(*wire), size);
        if *wire == Wire::Https {
            page.row(row(*function, runs, [ratio(Wire::Https), ratio(Wire::Http)], size));
        }
    }
    report.page("cold-start", page);
    Ok(report)
}

/// The median start in ms.
fn start_of(found: &[(Function, Wire, Runs)], function: Function, wire: Wire) -> f64 {
    let runs = found.iter().find(|(other, at, _)| *other == function && *at == wire);
    runs.map(|(_, _, runs)| median(runs.starts.iter().copied())).unwrap_or_default()
}

/// Starts a function and invokes it several times.
async fn start(
    directory: &Path,
    function: Function,
    mut settings: Vec<(&'static str, String)>,
    events: &mut Events,
) -> anyhow::Result<Runs> {
    let mut api = RuntimeApi::open().await?;
    settings.extend(api.settings(function.program()));
    // Created before the measurement, because some events need a submitted task.
    let first = events.next(function).await?;
    let began = Instant::now();
    let process = Process::start(&directory.join(function.program()), &[], &settings)?;
    let start = (api.asked().await?.duration_since(began)).as_secs_f64() * 1000.0;
    let processor = vec![process.processor_ms()?];
    let (first, answer) = api.invoke(first).await?;
    let processor_of_both = vec![process.processor_ms()?];
    function.check(&answer)?;
    let mut seconds = Vec::new();
    for _ in 0..WARM {
        let (second, answer) = api.invoke(events.next(function).await?).await?;
        function.check(&answer)?;
        seconds.push(second);
    }
    seconds.truncate(1);
    let peaks = vec![process.usage()?.peak_mb];
    Ok(Runs {
        starts: vec![start],
        processor,
        firsts: vec![first],
        both: vec![start + first],
        processor_of_both,
        seconds,
        peaks,
    })
}

/// Adds the function's measurements to the report.
fn add(report: &mut Report, function: Function, wire: Wire, runs: &Runs, ratio: f64, size: Size) {
    let name = match wire {
        Wire::Https => function.program().to_owned(),
        Wire::Http => format!("{}, http", function.program()),
    };
    let start = median(runs.starts.iter().copied());
    report.found(format!("{name}: start, median"), start, "ms");
    report.found(format!("{name}: start, least"), quantile(runs.starts.iter().copied(), 0.0), "ms");
    report.found(format!("{name}: start, p95"), quantile(runs.starts.iter().copied(), 0.95), "ms");
    report.found(format!("{name}: start, processor time"), median(runs.processor.iter().copied()), "ms");
    if function != Function::Empty {
        report.aimed(format!("{name}: start, of the empty one's"), ratio, "×", START_AIM);
    }
    report.found(format!("{name}: first answer"), median(runs.firsts.iter().copied()), "ms");
    report.found(format!("{name}: start and first answer"), median(runs.both.iter().copied()), "ms");
    let processor = median(runs.processor_of_both.iter().copied());
    report.found(format!("{name}: start and first answer, processor time"), processor, "ms");
    report.found(format!("{name}: second answer"), median(runs.seconds.iter().copied()), "ms");
    report.found(format!("{name}: peak memory"), median(runs.peaks.iter().copied()), "MB");
    if wire == Wire::Https {
        report.found(format!("{name}: binary"), size.binary, "MB");
        report.aimed(format!("{name}: zipped"), size.zipped, "MB", SIZE_AIM);
    }
}

fn row(function: Function, runs: &Runs, ratios: [f64; 2], size: Size) -> [String; 9] {
    let of = |values: &[f64], share: f64| format!("{:.1}", quantile(values.iter().copied(), share));
    let ms = |values: &[f64]| format!("{} ms", of(values, 0.5));
    [
        function.program().to_owned(),
        format!("{} · {} · {} ms", of(&runs.starts, 0.5), of(&runs.starts, 0.0), of(&runs.starts, 0.95)),
        format!("{:.2} · {:.2} ×", ratios[0], ratios[1]),
        ms(&runs.firsts),
        format!("{} · {} ms", of(&runs.processor, 0.5), of(&runs.processor_of_both, 0.5)),
        ms(&runs.seconds),
        format!("{} MB", of(&runs.peaks, 0.5)),
        format!("{:.1} MB", size.binary),
        format!("{:.1} MB", size.zipped),
    ]
}

impl Runs {
    fn add(&mut self, other: &Runs) {
        self.starts.extend(&other.starts);
        self.processor.extend(&other.processor);
        self.firsts.extend(&other.firsts);
        self.both.extend(&other.both);
        self.processor_of_both.extend(&other.processor_of_both);
        self.seconds.extend(&other.seconds);
        self.peaks.extend(&other.peaks);
    }
}

/// Sizes in MB of 1,000,000 bytes.
#[derive(Clone, Copy)]
struct Size {
    binary: f64,
    zipped: f64,
}

impl Size {
    /// Compresses like the deployment tools: deflate at the default level.
    fn of(program: &Path) -> anyhow::Result<Self> {
        let bytes = std::fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
        let mut zipped = DeflateEncoder::new(Vec::new(), Compression::default());
        zipped.write_all(&bytes)?;
        let mb = |bytes: Vec<u8>| bytes.len() as f64 / 1e6;
        Ok(Size { zipped: mb(zipped.finish()?), binary: mb(bytes) })
    }
}

/// The directory of the functions' binaries, built for Lambda.
fn directory(options: &Options) -> anyhow::Result<PathBuf> {
    let directory = match &options.functions {
        Some(named) => named.clone(),
        None => {
            let own = std::env::current_exe()?;
            let target = own.parent().and_then(Path::parent).context("this program has no directory")?;
            target.join("lambda")
        }
    };
    for function in Function::ALL {
        let program = directory.join(function.program());
        anyhow::ensure!(program.exists(), "{} does not exist: `make bench` builds it", program.display());
    }
    Ok(directory)
}
