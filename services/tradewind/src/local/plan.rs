//! Who runs where, and what each process is told.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Result, ensure};

use super::keys::Keys;

/// Every process of ours, the door last.
pub(crate) const SERVICES: [&str; 7] = ["identity", "catalog", "order", "payment", "logistics", "messaging", "gateway"];

/// Those with a database of their own.
pub(crate) const WITH_DATABASE: [&str; 6] = ["identity", "catalog", "order", "payment", "logistics", "messaging"];

/// The layout of one ecosystem.
pub(crate) struct Plan {
    pub(crate) data: PathBuf,
    pub(crate) gateway_port: u16,
    /// NATS listens here, PostgreSQL on the next port, and the services from ten further on.
    pub(crate) base_port: u16,
    pub(crate) postgres: bool,
    pub(crate) replicas: BTreeMap<String, u16>,
    pub(crate) operators: Vec<String>,
    /// Put the demo market there after the first start.
    pub(crate) seed: bool,
}

/// One process to run.
pub(crate) struct Process {
    pub(crate) service: &'static str,
    /// 0 for the first replica.
    pub(crate) replica: u16,
    pub(crate) port: u16,
    pub(crate) environment: Vec<(String, String)>,
}

impl Process {
    /// Such as `order`, or `order-2` for a second replica.
    pub(crate) fn name(&self) -> String {
        if self.replica == 0 {
            self.service.to_owned()
        } else {
            format!("{}-{}", self.service, self.replica + 1)
        }
    }
}

impl Plan {
    pub(crate) fn nats_url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.base_port)
    }

    pub(crate) fn postgres_port(&self) -> u16 {
        self.base_port + 1
    }

    /// Reads `order=2`.
    pub(crate) fn parse_replicas(list: &[String]) -> Result<BTreeMap<String, u16>> {
        let mut replicas = BTreeMap::new();
        for item in list {
            let Some((service, count)) = item.split_once('=') else {
                anyhow::bail!("`{item}` is not of the form order=2")
            };
            ensure!(WITH_DATABASE.contains(&service), "there is no service `{service}` to have replicas");
            let count: u16 = count.parse()?;
            ensure!((1..=8).contains(&count), "`{item}`: between 1 and 8 replicas");
            replicas.insert(service.to_owned(), count);
        }
        Ok(replicas)
    }

    fn replicas_of(&self, service: &str) -> u16 {
        self.replicas.get(service).copied().unwrap_or(1)
    }

    fn port(&self, service: &str, replica: u16) -> u16 {
        if service == "gateway" {
            return self.gateway_port;
        }
        let place = SERVICES
            .iter()
            .position(|name| *name == service)
            .expect("only our own services are asked for");
        self.base_port + 10 + u16::try_from(place).expect("there are few services") * 10 + replica
    }

    fn database(&self, service: &str) -> String {
        if self.postgres {
            format!("postgres://postgres@127.0.0.1:{}/{service}", self.postgres_port())
        } else {
            format!("sqlite:{}", self.data.join(format!("{service}.db")).display())
        }
    }

    /// Every process, with the environment that configures it.
    pub(crate) fn processes(&self, keys: &Keys) -> Result<Vec<Process>> {
        let public = keys.public()?;
        let mut processes = Vec::new();
        for service in SERVICES {
            for replica in 0..self.replicas_of(service) {
                let environment = self.environment(service, replica, keys, &public);
                processes.push(Process {
                    service,
                    replica,
                    port: self.port(service, replica),
                    environment,
                });
            }
        }
        Ok(processes)
    }

    fn environment(&self, service: &str, replica: u16, keys: &Keys, public: &BTreeMap<String, String>) -> Vec<(String, String)> {
        let mut environment = vec![
            ("TRADEWIND__LISTEN".to_owned(), format!("127.0.0.1:{}", self.port(service, replica))),
            ("TRADEWIND__NATS".to_owned(), self.nats_url()),
            ("TRADEWIND__SERVICE_KEY".to_owned(), keys.services[service].clone()),
        ];
        if WITH_DATABASE.contains(&service) {
            environment.push(("TRADEWIND__DATABASE".to_owned(), self.database(service)));
        }
        for (name, key) in public {
            environment.push((format!("TRADEWIND__SERVICE_KEYS__{}", name.to_uppercase()), key.clone()));
        }
        for peer in WITH_DATABASE {
            let urls: Vec<String> = (0..self.replicas_of(peer))
                .map(|replica| format!("http://127.0.0.1:{}", self.port(peer, replica)))
                .collect();
            environment.push((format!("TRADEWIND__PEERS__{}", peer.to_uppercase()), urls.join(",")));
        }
        match service {
            "identity" => {
                environment.push(("TRADEWIND__IDENTITY__KEY_SECRET".to_owned(), keys.identity_secret.clone()));
                environment.push(("TRADEWIND__IDENTITY__OPERATORS".to_owned(), self.operators.join(",")));
            }
            "payment" => environment.push(("TRADEWIND__PAYMENT__SANDBOX_WEBHOOK_SECRET".to_owned(), keys.webhook_secret.clone())),
            "logistics" => environment.push((
                "TRADEWIND__LOGISTICS__CARRIERS__SANDBOX__SECRET".to_owned(),
                keys.webhook_secret.clone(),
            )),
            _ => {}
        }
        environment
    }
}
