//! An order among a payment and a logistics that behave as theirs do, with facts that come twice and overtake each other: it always ends,
//! and it ends where the money and the goods are.

use std::collections::{HashMap, VecDeque};

use kernel::Time;
use proptest::prelude::*;

use super::{CancelCode, Event, Moment, Order, Party, State, samples::order};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Escrow {
    None,
    Cancelled,
    Held,
    Released,
    Refunded,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Goods {
    Reserved,
    Allocated,
    Missing,
    Shipped,
    Delivered,
    Returned,
    GivenBack,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum News {
    Funded,
    IntentCancelled,
    Released,
    Refunded,
    AllocationFailed,
    CancellationAccepted,
    CancellationRefused,
    Shipped,
    Delivered,
    Returned,
}

struct World {
    order: Order,
    escrow: Escrow,
    goods: Goods,
    /// Facts on their way to the order, in any order.
    news: Vec<News>,
    told: Vec<News>,
    to_payment: VecDeque<Event>,
    to_logistics: VecDeque<Event>,
    /// How often each event was told.
    happened: HashMap<Event, usize>,
    /// Whether the order asked for a refund because its goods came back.
    taken_back: bool,
    now: Time,
}

impl World {
    fn new() -> Self {
        Self {
            order: order(),
            escrow: Escrow::None,
            goods: Goods::Reserved,
            news: Vec::new(),
            told: Vec::new(),
            to_payment: VecDeque::new(),
            to_logistics: VecDeque::new(),
            happened: HashMap::new(),
            taken_back: false,
            now: Time::from_micros(1),
        }
    }

    fn tell(&mut self, news: News) {
        self.news.push(news);
        self.told.push(news);
    }

    fn emit(&mut self, events: Vec<Event>) {
        for event in &events {
            *self.happened.entry(*event).or_default() += 1;
        }
        self.to_payment.extend(&events);
        self.to_logistics.extend(&events);
    }

    fn hear(&mut self, news: News) {
        let at = Moment::here(self.now);
        let order = &mut self.order;
        let events = match news {
            News::Funded => order.funded(at),
            News::IntentCancelled => order.intent_cancelled(CancelCode::PaymentCancelled.into(), at),
            News::Released => order.released(at),
            News::Refunded => order.refunded(order.total, at),
            News::AllocationFailed => order.allocation_failed(at),
            News::CancellationAccepted => order.cancellation_accepted(at),
            News::CancellationRefused => order.cancellation_refused(at),
            News::Shipped => order.shipped("shp", "T", at),
            News::Delivered => order.delivered("shp", at),
            News::Returned => order.returned("shp", at),
        };
        self.taken_back |= news == News::Returned && !events.is_empty();
        self.emit(events);
    }

    /// What each side may do; `choice` picks one, `pick` a fact on its way.
    fn step(&mut self, choice: u8, pick: usize, lucky: bool) {
        self.now = self.now.plus(std::time::Duration::from_secs(1));
        match choice % 12 {
            0 => self.fund(lucky),
            1 => self.ask_to_cancel_intent(),
            2 => self.command(|order, now| order.cancel(Party::Buyer, String::new(), now).ok()),
            3 => self.command(|order, now| order.accept(Party::Buyer, now).ok()),
            4 => self.command(Order::run_out),
            5 => self.ship(),
            6 => self.deliver(),
            7 => self.payment_works(),
            8 => self.logistics_works(lucky),
            9 => self.come_back(),
            _ if self.news.is_empty() => {}
            _ => {
                let place = pick % self.news.len();
                // Unlucky facts come again.
                let news = if lucky { self.news.swap_remove(place) } else { self.news[place] };
                self.hear(news);
            }
        }
    }

    fn command(&mut self, run: impl FnOnce(&mut Order, Time) -> Option<Event>) {
        let event = run(&mut self.order, self.now);
        self.emit(event.into_iter().collect());
    }

    /// Unlucky money comes also when nobody waits for it any more.
    fn fund(&mut self, lucky: bool) {
        if self.escrow == Escrow::None || (!lucky && self.escrow == Escrow::Cancelled) {
            self.escrow = Escrow::Held;
            self.tell(News::Funded);
        }
    }

    /// As the payment deadline does, and CancelOrder before payment: payment's answer is a fact as well.
    fn ask_to_cancel_intent(&mut self) {
        if self.order.state() != State::Placed {
            return;
        }
        match self.escrow {
            Escrow::None => {
                self.escrow = Escrow::Cancelled;
                self.tell(News::IntentCancelled);
            }
            Escrow::Cancelled => self.hear(News::IntentCancelled),
            Escrow::Held | Escrow::Released | Escrow::Refunded => self.hear(News::Funded),
        }
    }

    fn ship(&mut self) {
        if self.goods == Goods::Allocated {
            self.goods = Goods::Shipped;
            self.tell(News::Shipped);
        }
    }

    fn deliver(&mut self) {
        if self.goods == Goods::Shipped {
            self.goods = Goods::Delivered;
            self.tell(News::Delivered);
        }
    }

    fn come_back(&mut self) {
        if self.goods == Goods::Shipped {
            self.goods = Goods::Returned;
            self.tell(News::Returned);
        }
    }

    fn payment_works(&mut self) {
        match (self.to_payment.pop_front(), self.escrow) {
            (Some(Event::Accepted), Escrow::Held) => {
                self.escrow = Escrow::Released;
                self.tell(News::Released);
            }
            (Some(Event::RefundRequested), Escrow::Held) => {
                self.escrow = Escrow::Refunded;
                self.tell(News::Refunded);
            }
            _ => {}
        }
    }

    fn logistics_works(&mut self, in_stock: bool) {
        match (self.to_logistics.pop_front(), self.goods) {
            (Some(Event::Paid), Goods::Reserved) if in_stock => self.goods = Goods::Allocated,
            (Some(Event::Paid), Goods::Reserved) => {
                self.goods = Goods::Missing;
                self.tell(News::AllocationFailed);
            }
            (Some(Event::CancellationRequested), Goods::Allocated | Goods::Missing) => {
                self.goods = Goods::GivenBack;
                self.tell(News::CancellationAccepted);
            }
            (Some(Event::CancellationRequested), Goods::Shipped | Goods::Delivered | Goods::Returned) => {
                self.tell(News::CancellationRefused)
            }
            (Some(Event::Cancelled), Goods::Reserved) => self.goods = Goods::GivenBack,
            _ => {}
        }
    }

    /// Everything that is under way arrives, and everyone does what is theirs until nobody has anything left to do.
    fn settle(&mut self) {
        for _ in 0..50 {
            while let Some(news) = self.news.pop() {
                self.hear(news);
            }
            while !self.to_payment.is_empty() {
                self.payment_works();
            }
            while !self.to_logistics.is_empty() {
                self.logistics_works(true);
            }
            self.ask_to_cancel_intent();
            self.ship();
            self.deliver();
            self.now = self.now.plus(std::time::Duration::from_secs(3_600));
            self.command(Order::run_out);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_trade_ends_where_its_money_and_its_goods_are(steps in prop::collection::vec(any::<(u8, usize, bool)>(), 0..120), again in prop::collection::vec(any::<usize>(), 40)) {
        let mut world = World::new();
        for (choice, pick, lucky) in steps {
            world.step(choice, pick, lucky);
        }
        world.settle();
        let (state, escrow, goods) = (world.order.state(), world.escrow, world.goods);
        match state {
            // Who accepts before the goods arrive has paid for them, also when they come back.
            State::Completed => {
                prop_assert_eq!(escrow, Escrow::Released);
                prop_assert!(goods == Goods::Delivered || (goods == Goods::Returned && !world.taken_back), "{:?}", goods);
            }
            State::Cancelled { refunded } => {
                prop_assert_eq!(escrow, if refunded { Escrow::Refunded } else { Escrow::Cancelled });
                prop_assert!(matches!(goods, Goods::GivenBack | Goods::Missing | Goods::Returned), "{:?}", goods);
            }
            state => prop_assert!(false, "it ended {:?}", state),
        }
        // Told again from the beginning, in any order, nothing changes any more.
        for pick in again {
            if !world.told.is_empty() {
                world.hear(world.told[pick % world.told.len()]);
            }
        }
        prop_assert_eq!(world.order.state(), state);
        prop_assert!(world.to_payment.is_empty() && world.to_logistics.is_empty());
        world.happened.remove(&Event::CancellationRequested);
        prop_assert!(world.happened.values().all(|times| *times == 1), "{:?}", world.happened);
    }

    /// After a restore from a backup, the facts of a whole trade arrive in any order.
    #[test]
    fn a_trade_told_in_any_order_ends_the_same(order in Just(vec![News::Funded, News::Shipped, News::Delivered, News::Released, News::CancellationRefused]).prop_shuffle()) {
        let mut world = World::new();
        order.into_iter().for_each(|news| world.hear(news));
        prop_assert_eq!(world.order.state(), State::Completed);
        prop_assert!(world.order.paid.is_some());
    }

    #[test]
    fn a_trade_that_came_back_told_in_any_order_ends_the_same(order in Just(vec![News::Funded, News::Shipped, News::Returned, News::Refunded, News::CancellationRefused]).prop_shuffle()) {
        let mut world = World::new();
        order.into_iter().for_each(|news| world.hear(news));
        prop_assert_eq!(world.order.state(), State::Cancelled { refunded: true });
    }

    #[test]
    fn a_trade_that_was_paid_too_late_told_in_any_order_is_cancelled_once(order in Just(vec![News::IntentCancelled, News::Funded, News::Refunded]).prop_shuffle()) {
        let mut world = World::new();
        order.into_iter().for_each(|news| world.hear(news));
        prop_assert_eq!(world.order.state(), State::Cancelled { refunded: true });
        prop_assert_eq!(world.happened.get(&Event::Cancelled), Some(&1));
    }

    #[test]
    fn a_cancelled_trade_told_in_any_order_ends_the_same(order in Just(vec![News::Funded, News::CancellationAccepted, News::Refunded]).prop_shuffle()) {
        let mut world = World::new();
        order.into_iter().for_each(|news| world.hear(news));
        prop_assert_eq!(world.order.state(), State::Cancelled { refunded: true });
    }
}
