//! One id for each entity that more than one service speaks of, or that a client sees.

use crate::id;

id!(/** A person who signs in. */ AccountId, "acc");
id!(/** A company, or the organisation of one person; the owner of everything owned. */ OrganisationId, "org");
id!(/** A sign-in session. */ SessionId, "ses");
id!(/** A seller's store. */ StoreId, "sto");
id!(/** A category of the catalog's tree. */ CategoryId, "cat");
id!(/** A product. */ ProductId, "prd");
id!(/** One buyable combination of a product's options. */ VariantId, "var");
id!(/** A review of a product or a seller. */ ReviewId, "rev");
id!(/** A bulk import. */ ImportId, "imp");
id!(/** A warehouse. */ WarehouseId, "whs");
id!(/** A seller's stock of a variant. */ StockId, "stk");
id!(/** A movement of stock. */ MovementId, "mov");
id!(/** A shipment. */ ShipmentId, "shp");
id!(/** A parcel. */ ParcelId, "pcl");
id!(/** A checkout: one payment, an order per seller. */ CheckoutId, "chk");
id!(/** An order: a buyer's purchase from one seller. */ OrderId, "ord");
id!(/** A seller's quotation for one buyer. */ QuotationId, "quo");
id!(/** A payment intent. */ PaymentId, "pay");
id!(/** A transfer in the ledger. */ TransferId, "trf");
id!(/** An account of the ledger. */ LedgerAccountId, "lac");
id!(/** A payout. */ PayoutId, "pyo");
id!(/** A conversation. */ ConversationId, "cnv");
id!(/** A message. */ MessageId, "msg");
id!(/** A notification. */ NotificationId, "ntf");
id!(/** An event on the bus. */ EventId, "evt");
