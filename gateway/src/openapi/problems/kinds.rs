//! The statuses of requests that were not carried out, with the reasons and headers that come with them.

/// The problems of one status.
pub(super) struct Kind {
    /// As operations name it; `default` is every status that they do not name.
    pub(super) status: &'static str,
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// Those of the gateway's own and of every service; what else a service refuses for stands with its operations.
    pub(super) reasons: &'static [&'static str],
    pub(super) headers: &'static [&'static str],
}

/// All of them.
pub(super) const KINDS: [Kind; 14] = [
    Kind {
        status: "400",
        name: "BadRequest",
        description: "Something in the request is not what it should be. `violations` names every field.",
        reasons: &[
            "INVALID_FIELDS",
            "INVALID_ARGUMENT",
            "OUT_OF_RANGE",
            "NO_JSON",
            "BODY_BROKEN_OFF",
            "NO_HOST",
            "MALFORMED",
        ],
        headers: &[],
    },
    Kind {
        status: "401",
        name: "Unauthorized",
        description: "It is not known who calls: the token is missing, wrong, too old or revoked. One that is wrong is refused where none is needed, too.",
        reasons: &["UNAUTHENTICATED", "TOKEN_INVALID", "TOKEN_EXPIRED", "TOKEN_REVOKED"],
        headers: &["WWW-Authenticate"],
    },
    Kind {
        status: "403",
        name: "Forbidden",
        description: "It is known who calls, and they may not.",
        reasons: &["PERMISSION_DENIED"],
        headers: &["WWW-Authenticate"],
    },
    Kind {
        status: "404",
        name: "NotFound",
        description: "There is no such thing, or none that the caller may know of.",
        reasons: &["NOT_FOUND", "NO_SERVICE", "NO_ROUTE"],
        headers: &[],
    },
    Kind {
        status: "408",
        name: "RequestTimeout",
        description: "The body did not come in time.",
        reasons: &["BODY_LATE"],
        headers: &[],
    },
    Kind {
        status: "409",
        name: "Conflict",
        description: "The state of things does not allow it, or the Idempotency-Key belongs to another request.",
        reasons: &[
            "IDEMPOTENCY_KEY_REUSED",
            "STALE_VERSION",
            "ALREADY_EXISTS",
            "FAILED_PRECONDITION",
            "ABORTED",
        ],
        headers: &["Retry-After"],
    },
    Kind {
        status: "412",
        name: "PreconditionFailed",
        description: "It has changed since the version that If-Match names; `metadata` has the `current_version`.",
        reasons: &["STALE_VERSION", "WEAK_ETAG"],
        headers: &[],
    },
    Kind {
        status: "413",
        name: "ContentTooLarge",
        description: "The body is too large.",
        reasons: &["BODY_TOO_LARGE"],
        headers: &[],
    },
    Kind {
        status: "415",
        name: "UnsupportedMediaType",
        description: "The body is of another type, or compressed.",
        reasons: &["UNSUPPORTED_MEDIA_TYPE"],
        headers: &[],
    },
    Kind {
        status: "429",
        name: "TooManyRequests",
        description: "Too much, or too often: from this account, from this address, or of this kind.",
        reasons: &["RATE_LIMITED", "TOO_MANY_CONNECTIONS", "TOO_MANY_STREAMS", "RESOURCE_EXHAUSTED"],
        headers: &["Retry-After"],
    },
    Kind {
        status: "500",
        name: "InternalServerError",
        description: "Something went wrong on our side.",
        reasons: &["INTERNAL", "DATA_LOSS"],
        headers: &[],
    },
    Kind {
        status: "503",
        name: "ServiceUnavailable",
        description: "Not now. A write may have been carried out; repeated with its Idempotency-Key it happens once.",
        reasons: &["UNAVAILABLE", "TOO_MANY_CONNECTIONS"],
        headers: &["Retry-After"],
    },
    Kind {
        status: "504",
        name: "GatewayTimeout",
        description: "The request's time was over. A write may be carried out all the same; repeated with its Idempotency-Key it happens once.",
        reasons: &["DEADLINE_EXCEEDED"],
        headers: &["Retry-After"],
    },
    Kind {
        status: "default",
        name: "Problem",
        description: "Any other request that was not carried out: 405, 414 and 431 for a head that no operation takes, 408 and 413 for a body where \
            none belongs, 499, 501 and 502 for what should not happen between us.",
        reasons: &[
            "METHOD_NOT_ALLOWED",
            "URI_TOO_LONG",
            "HEADERS_TOO_LARGE",
            "BODY_LATE",
            "BODY_TOO_LARGE",
            "TRANSFER_CODING",
            "UNIMPLEMENTED",
            "BAD_UPSTREAM",
            "CANCELLED",
        ],
        headers: &["Retry-After"],
    },
];
