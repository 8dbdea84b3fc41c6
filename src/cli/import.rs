//! `ansinh import KIND FILE`: a push from a file, through the same pipeline as every other.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context as _, anyhow};
use futures_util::TryStreamExt;
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use super::{
    FAILED,
    context::{self, COMMAND_LINE, Context, Told, language},
    progress,
};
use crate::{
    access::{Actor, Area, Caller, Grant, Role, Scope, policy},
    env::Env,
    exchange::{
        batches::{self, BatchAnswer, RowResult},
        format::{Envelope, Format},
        push::Push,
        spool,
    },
    identity::clients,
    kinds::{self, Kind},
    messages::Lang,
};

/// Rows read at a time when the refused ones are printed.
const PAGE: u64 = 1000;

/// Push a file. Exit code: 0 when every row is stored, 1 when some are not, 2 when the file cannot be used.
#[derive(Debug, clap::Args)]
pub struct Import {
    /// Kind of record, as loan-disbursements
    #[arg(value_parser = kind)]
    kind: Kind,
    /// The file: .csv, .tsv, .json, .ndjson or .jsonl
    file: PathBuf,
    /// Push as this client, with its role and area [default: the operator, for the whole country]
    #[arg(long, value_name = "ID")]
    client: Option<String>,
    /// Decide every row and store nothing
    #[arg(long)]
    dry_run: bool,
    /// Store all rows or none
    #[arg(long)]
    atomic: bool,
    /// Number of records that must be in the file
    #[arg(long, value_name = "N")]
    declared_count: Option<u64>,
    /// Sum of the amounts that must be in the file, VND
    #[arg(long, value_name = "VND")]
    declared_amount: Option<i64>,
    /// Key under which a repeat gets the first answer
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
}

fn kind(slug: &str) -> Result<Kind, String> {
    let known = || kinds::ALL.map(|kind| kind.slug).join(", ");
    Kind::find(slug).ok_or_else(|| format!("one of {}", known()))
}

impl Import {
    /// Runs the command.
    pub async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let push = match self.read().await {
            Ok(push) => push,
            Err(error) => {
                eprintln!("ansinh: {error:#}");
                return Ok(super::UNUSABLE.into());
            }
        };
        let env = context.env().await?;
        let caller = self.caller(&env).await?;
        let waiting = progress::waiting("storing");
        let answer = self.kind.push(&env, &caller, &push).await;
        waiting.finish_and_clear();
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                eprintln!("ansinh: {:#}", context::told(&error));
                return Ok(FAILED.into());
            }
        };
        self.print(&env, &answer).await?;
        env.db.close().await?;
        let refused = answer.batch.conflict + answer.batch.unmatched + answer.batch.rejected;
        Ok(if refused == 0 { ExitCode::SUCCESS } else { FAILED.into() })
    }

    async fn read(&self) -> anyhow::Result<Push> {
        let path = self.file.as_path();
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let format = Format::from_extension(extension).ok_or_else(|| {
            anyhow!("{}: the name must end with .csv, .tsv, .json, .ndjson or .jsonl", path.display())
        })?;
        let received = receive(path, format).await.with_context(|| path.display().to_string())?;
        let envelope = Envelope {
            declared_count: self.declared_count,
            declared_amount: self.declared_amount,
            atomic: self.atomic.then_some(true),
            idempotency_key: self.idempotency_key.clone(),
            purpose: None,
        };
        Ok(Push { source: received.source, envelope, body_hash: received.hash, dry_run: self.dry_run })
    }

    async fn caller(&self, env: &Env) -> anyhow::Result<Caller> {
        let actor = match &self.client {
            Some(client_id) => {
                let client = clients::find(env.db.read(), client_id).await.told()?;
                clients::actor(env.db.read(), &client).await.told()?
            }
            None => Actor {
                client_id: COMMAND_LINE.to_owned(),
                role: writer_of(self.kind).ok_or_else(|| anyhow!("no role may push {}", self.kind.slug))?,
                area: Area::Country,
                scopes: Scope::ALL.to_vec(),
            },
        };
        Ok(context::of(actor))
    }

    /// Counts on standard output, rows that want work on standard error.
    async fn print(&self, env: &Env, answer: &BatchAnswer) -> anyhow::Result<()> {
        let lang = language();
        let batch = &answer.batch;
        if let Some(rows) = &answer.results {
            print_rows(rows, lang);
        } else {
            let mut after = None;
            loop {
                let rows = batches::errors(env, batch.id, after, PAGE).await.told()?;
                print_rows(&rows, lang);
                match rows.last().filter(|_| rows.len() as u64 == PAGE) {
                    Some(last) => after = Some(last.index),
                    None => break,
                }
            }
        }
        let id = if self.dry_run { "(dry run: nothing is stored)".to_owned() } else { batch.id.to_string() };
        println!(
            "batch={id} received={} accepted={} duplicate={} conflict={} unmatched={} rejected={} amount={}",
            batch.received,
            batch.accepted,
            batch.duplicate,
            batch.conflict,
            batch.unmatched,
            batch.rejected,
            batch.amount
        );
        Ok(())
    }
}

/// The first role that the access table lets push a kind.
fn writer_of(kind: Kind) -> Option<Role> {
    Role::ALL.into_iter().find(|role| policy::table().grant(*role, "Mutation", kind.mutation) != Grant::None)
}

async fn receive(path: &Path, format: Format) -> anyhow::Result<spool::Received> {
    let file = File::open(path).await?;
    let length = file.metadata().await?.len();
    let bar = Arc::new(progress::bytes("reading", length));
    let read = Arc::clone(&bar);
    let chunks = ReaderStream::with_capacity(file, 1 << 18).inspect_ok(move |chunk| read.inc(chunk.len() as u64));
    let received = spool::receive(chunks, format, None, usize::MAX).await.told();
    bar.finish_and_clear();
    received
}

fn print_rows(rows: &[RowResult], lang: Lang) {
    for row in rows {
        print_row(row, lang);
    }
}

/// One line for each error and each doubt of a row.
fn print_row(row: &RowResult, lang: Lang) {
    let reference = row.reference.as_deref().unwrap_or("-");
    let number = i64::from(row.index) + 1;
    for fault in &row.errors {
        let field = fault.field.as_deref().map_or_else(String::new, |field| format!("{field}: "));
        let (code, text) = (fault.message.code, fault.message.text(lang));
        eprintln!("{number} {reference} {code} {field}{text}");
    }
    for finding in &row.findings {
        eprintln!("{number} {reference} {} {}", finding.code, finding.text(lang));
    }
}
