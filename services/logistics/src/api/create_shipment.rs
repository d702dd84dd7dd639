//! A seller ships a paid order.

use std::{collections::BTreeSet, sync::Arc};

use kernel::{OrderId, OrganisationId, ParcelId, ShipmentId, StockId, Time};
use proto::logistics::v1::{CreateShipmentRequest, Shipment as ShipmentMessage};
use runtime::{Problem, Violations, auth::principal};
use store::{Cause, Keys, Stored, Work};
use tonic::{Request, Status};

use super::{Api, present};
use crate::{
    carriers::SANDBOX,
    domain::{
        Claim, Event, Parcel, ParcelLine, Progress, Refusal, Reservation, Shipment, Stock, Track, TrackingNumber, pack, parcel_id,
        reported_since,
    },
    store::{facts, movement::Journal, shelf},
    told::stocks_for,
};

/// How many numbers are made for an order, of which the first free one is taken.
const ATTEMPTS: u32 = 8;

/// How many parcels an order may have.
const MOST_PARCELS: usize = 100;

/// The tracking numbers of a shipment to be.
enum Numbers {
    /// One parcel each.
    Given(Vec<TrackingNumber>),
    /// One parcel, with the first of these that is free.
    Made(Vec<TrackingNumber>),
}

/// What a shipment is made of.
struct ShipmentDraft {
    order: OrderId,
    carrier: String,
    numbers: Numbers,
    /// The shipments that these numbers belong to now.
    earlier: BTreeSet<ShipmentId>,
    stocks: Vec<StockId>,
    journal: Journal,
}

pub(super) async fn handle(api: &Api, request: &Request<CreateShipmentRequest>) -> Result<ShipmentMessage, Status> {
    let seller = principal(request)?.organisation;
    let request = request.get_ref();
    let (order, given) = parse(api, request)?;
    let reservation = sold_by(api, seller, order).await?;
    let numbers = match given.is_empty() {
        true => Numbers::Made(made(api, &reservation).await?),
        false => Numbers::Given(given),
    };
    let mut draft = ShipmentDraft {
        order: reservation.order.id,
        carrier: request.carrier.clone(),
        numbers,
        earlier: BTreeSet::new(),
        stocks: stocks_for(&reservation.order, &reservation.lines).collect(),
        journal: Journal::at(api.now()),
    };
    let tracks = api.store.get_all::<Track>(draft.parcel_ids()).await?;
    draft.earlier = tracks.iter().filter_map(|track| track.claim.shipment()).collect();
    let draft = Arc::new(draft);
    let keys = Keys::new()
        .one::<Reservation>(draft.order)
        .one::<Shipment>(Shipment::id_of(&reservation.order))
        .all::<Shipment>(draft.earlier.iter().copied())
        .all::<Stock>(draft.stocks.iter().copied())
        .all::<Track>(draft.parcel_ids());
    let cause = Cause::request(seller, "CreateShipment", &request.request_id, request);
    Ok(api.store.execute(cause, keys, move |work| ship(work, &draft)).await?)
}

fn parse(api: &Api, request: &CreateShipmentRequest) -> Result<(OrderId, Vec<TrackingNumber>), Problem> {
    let mut check = Violations::new();
    let order = check.id::<OrderId>("order_id", &request.order_id);
    check.require(api.carriers.has(&request.carrier), "carrier", "is no configured carrier");
    check.require(
        request.tracking_numbers.len() <= MOST_PARCELS,
        "tracking_numbers",
        &format!("must be at most {MOST_PARCELS}"),
    );
    let makes_its_own = request.carrier == SANDBOX;
    let enough = makes_its_own || !request.tracking_numbers.is_empty();
    check.require(enough, "tracking_numbers", "must have the carrier's number of each parcel");
    let mut numbers = Vec::with_capacity(request.tracking_numbers.len().min(MOST_PARCELS));
    for (place, text) in request.tracking_numbers.iter().take(MOST_PARCELS).enumerate() {
        let field = format!("tracking_numbers[{place}]");
        let number = check.parse::<TrackingNumber>(&field, text);
        match number {
            Some(number) if numbers.contains(&number) => check.add(field, "must not come up twice"),
            number => numbers.extend(number),
        }
    }
    Ok((check.finish(order)?, numbers))
}

async fn sold_by(api: &Api, seller: OrganisationId, order: OrderId) -> Result<Stored<Reservation>, Problem> {
    let reservation = api.store.get::<Reservation>(order).await?;
    reservation
        .filter(|reservation| reservation.order.seller == seller)
        .ok_or_else(|| Problem::not_found("order"))
}

/// Numbers follow from the order, so that a repeated request makes the same; the country is the first warehouse's.
async fn made(api: &Api, reservation: &Reservation) -> Result<Vec<TrackingNumber>, Problem> {
    let network = api.networks.of(reservation.order.seller).await?;
    let from = reservation.picks.first().map(|pick| pick.warehouse);
    let site = network.sites.iter().find(|site| Some(site.warehouse) == from);
    // Without picks there is nothing to ship, which the reservation will say.
    let country = site.map(|site| site.country).or(reservation.to);
    let country = country.or_else(|| network.sites.first().map(|site| site.country));
    Ok(country.map_or_else(Vec::new, |country| {
        let numbers = (0..ATTEMPTS).map(|attempt| TrackingNumber::sandbox(reservation.order.id, attempt, country));
        numbers.collect()
    }))
}

impl ShipmentDraft {
    fn parcel_ids(&self) -> Vec<ParcelId> {
        let (Numbers::Given(numbers) | Numbers::Made(numbers)) = &self.numbers;
        numbers.iter().map(|number| parcel_id(&self.carrier, number)).collect()
    }

    /// The numbers to use, with what was reported about them already. What was reported before the order was made is about another parcel,
    /// and a number whose parcel had ended long before is free. One that was claimed a moment ago has not.
    fn choose(&self, work: &Work, ordered: Time) -> Result<Vec<(TrackingNumber, Progress)>, Refusal> {
        let since = reported_since(ordered);
        let reported = |number: &TrackingNumber| {
            let parcel = parcel_id(&self.carrier, number);
            let fresh = Progress::purchased(self.journal.now());
            match work.get::<Track>(parcel).map(|track| track.claim) {
                Some(Claim::Open(progress)) if progress.may_be_of(ordered) => Some(progress),
                None | Some(Claim::Open(_)) => Some(fresh),
                Some(Claim::Claimed(shipment)) => {
                    let known = self.earlier.contains(&shipment).then(|| work.get::<Shipment>(shipment)).flatten();
                    known.is_some_and(|shipment| shipment.had_ended(parcel, since)).then_some(fresh)
                }
            }
        };
        match &self.numbers {
            Numbers::Given(numbers) => {
                let each = numbers.iter().map(|number| {
                    let progress = reported(number).ok_or_else(|| Refusal::NumberTaken(number.clone()))?;
                    Ok((number.clone(), progress))
                });
                each.collect()
            }
            Numbers::Made(numbers) => {
                let mut free = numbers.iter().filter_map(|number| Some((number.clone(), reported(number)?)));
                free.next().map(|first| vec![first]).ok_or(Refusal::NoNumberLeft)
            }
        }
    }
}

fn ship(work: &mut Work, draft: &ShipmentDraft) -> Result<ShipmentMessage, Refusal> {
    let reservation = work
        .get::<Reservation>(draft.order)
        .expect("it was there, and reservations are never removed");
    reservation.check_shippable()?;
    let (order, lines, ordered) = (reservation.order, reservation.lines.clone(), reservation.created);
    let numbers = draft.choose(work, ordered)?;
    let packed = pack(&lines, numbers.len())?;
    let mut shelf = shelf::take(work, &draft.stocks);
    let id = Shipment::id_of(&order);
    let reservation = work.change::<Reservation>(draft.order).expect("it was there a moment ago");
    reservation.ship(id, &mut shelf)?;
    let parcels = numbers.into_iter().zip(packed);
    let parcels = parcels.map(|(number, lines)| claim(work, draft, id, number, lines)).collect();
    let (shipment, events) = Shipment::hand_over(order, ordered, draft.carrier.clone(), parcels, draft.journal.now());
    if events.iter().any(Event::is_return) {
        let reservation = work.change::<Reservation>(draft.order).expect("it was there a moment ago");
        reservation.take_back(&mut shelf)?;
    }
    let answer = present::shipment(&Stored::first(shipment.clone()));
    work.insert(shipment);
    facts::emit(work, events);
    shelf::put(work, &shelf, draft.journal);
    Ok(answer)
}

/// From now on the number is this shipment's.
fn claim(
    work: &mut Work,
    draft: &ShipmentDraft,
    shipment: ShipmentId,
    number: (TrackingNumber, Progress),
    lines: Vec<ParcelLine>,
) -> Parcel {
    let (number, progress) = number;
    let track = Track {
        carrier: draft.carrier.clone(),
        number: number.clone(),
        claim: Claim::Claimed(shipment),
    };
    let id = track.id();
    match work.change::<Track>(id) {
        Some(known) => *known = track,
        None => work.insert(track),
    }
    Parcel {
        id,
        number,
        lines,
        progress,
    }
}
