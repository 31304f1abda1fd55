//! The plan file as it is written: TOML, read strictly, and turned into a [`Plan`] key by key.

use serde::Deserialize;

use banyan_types::{Amount, Bps};

use super::{Ineligible, Plan, PlanError, PoolPlan, RetopupPlan, SponsorSeat, pool};

/// The newest meaning of plan files that this engine knows.
const SEMANTICS: u32 = 1;
/// Beyond this many decimals an entry of one unit of the currency would be no amount.
const MAX_DECIMALS: u8 = 30;
/// More steps up than any programme pays; a bound on the work of one event.
const MAX_DEPTH: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanFile {
    semantics: u32,
    name: String,
    programme: Programme,
    currency: CurrencyFile,
    registration: RegistrationFile,
    pool: PoolFile,
    retopup: RetopupFile,
}

/// The family of programmes whose keys the file has.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Programme {
    Autopool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CurrencyFile {
    symbol: String,
    decimals: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegistrationFile {
    entry: String,
    sponsor_seat: Option<SponsorSeatFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SponsorSeatFile {
    on_referral: u32,
    direct: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PoolFile {
    levels: u32,
    growth: u32,
    direct: String,
    shares: Vec<String>,
    reserve_last: u32,
    trees: u32,
    capacity: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RetopupFile {
    amount: String,
    pot: String,
    shares: Vec<String>,
    ineligible: Option<IneligibleFile>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum IneligibleFile {
    Company,
    Compress,
}

/// Reads a plan file.
pub(super) fn read(text: &str) -> Result<Plan, PlanError> {
    let file: PlanFile = banyan_types::strict::from_toml(text)?;
    if file.semantics != SEMANTICS {
        return Err(refused("semantics", format!("expected {SEMANTICS}, got {}", file.semantics)));
    }
    if file.name.is_empty() {
        return Err(refused("name", "expected a name, got an empty text".into()));
    }
    let Programme::Autopool = file.programme;
    let decimals = file.currency.decimals;
    if decimals > MAX_DECIMALS {
        return Err(refused("currency.decimals", format!("expected at most {MAX_DECIMALS}, got {decimals}")));
    }
    let entry = payment("registration.entry", &file.registration.entry, decimals)?;
    let pool = pool_plan(&file.pool)?;
    let tickets = pool::tickets(entry, &pool)?;
    Ok(Plan {
        name: file.name,
        currency: file.currency.symbol,
        decimals,
        entry,
        sponsor_seat: file.registration.sponsor_seat.as_ref().map(sponsor_seat).transpose()?,
        pool,
        tickets,
        retopup: retopup_plan(&file.retopup, decimals)?,
    })
}

fn sponsor_seat(file: &SponsorSeatFile) -> Result<SponsorSeat, PlanError> {
    if file.on_referral == 0 {
        return Err(refused("registration.sponsor_seat.on_referral", "expected at least 1, got 0".into()));
    }
    let direct = percentage("registration.sponsor_seat.direct", &file.direct)?;
    Ok(SponsorSeat { on_referral: file.on_referral, direct })
}

fn pool_plan(file: &PoolFile) -> Result<PoolPlan, PlanError> {
    let shares = percentages("pool.shares", &file.shares)?;
    let plan = PoolPlan {
        levels: file.levels,
        growth: file.growth,
        direct: percentage("pool.direct", &file.direct)?,
        shares,
        reserve_last: file.reserve_last,
        trees: file.trees,
        capacity: file.capacity,
    };
    pool::check(&plan)?;
    Ok(plan)
}

fn retopup_plan(file: &RetopupFile, decimals: u8) -> Result<RetopupPlan, PlanError> {
    let shares = percentages("retopup.shares", &file.shares)?;
    if shares.len() > MAX_DEPTH {
        let reason = format!("expected at most {MAX_DEPTH} levels, got {}", shares.len());
        return Err(refused("retopup.shares", reason));
    }
    let amount = payment("retopup.amount", &file.amount, decimals)?;
    let pot = amount.share(percentage("retopup.pot", &file.pot)?);
    Ok(RetopupPlan {
        amount,
        pot_share: percentage("retopup.pot", &file.pot)?,
        level_amounts: shares.iter().map(|share| pot.share(*share)).collect(),
        shares,
        ineligible: match file.ineligible {
            None | Some(IneligibleFile::Company) => Ineligible::Company,
            Some(IneligibleFile::Compress) => Ineligible::Compress,
        },
    })
}

/// An amount above 0 in the currency itself.
fn payment(key: &'static str, text: &str, decimals: u8) -> Result<Amount, PlanError> {
    let amount = Amount::from_decimal(text, decimals).map_err(|err| refused(key, err.to_string()))?;
    if amount.is_positive() {
        Ok(amount)
    } else {
        Err(refused(key, format!("expected an amount above 0, got {text:?}")))
    }
}

fn percentage(key: &'static str, text: &str) -> Result<Bps, PlanError> {
    text.parse().map_err(|err: banyan_types::BpsError| refused(key, err.to_string()))
}

/// Shares of one payment: together at most the whole.
fn percentages(key: &'static str, texts: &[String]) -> Result<Vec<Bps>, PlanError> {
    let shares: Vec<Bps> = texts.iter().map(|text| percentage(key, text)).collect::<Result<_, _>>()?;
    let sum: u64 = shares.iter().map(|share| u64::from(share.get())).sum();
    if sum > u64::from(Bps::WHOLE.get()) {
        let reason = format!(
            "expected shares of at most 100% together, got {}.{:02}%: lower one of them",
            sum / 100,
            sum % 100
        );
        return Err(refused(key, reason));
    }
    Ok(shares)
}

pub(super) fn refused(key: &'static str, reason: String) -> PlanError {
    PlanError::Value { key, reason }
}
