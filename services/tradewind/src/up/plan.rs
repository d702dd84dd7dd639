//! Who runs where, and what each process is told.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use super::{
    keys::Keys,
    services::{GATEWAY, SERVICES, all},
};
use crate::client::PASSWORD;

/// How many ports there are between the services' own: room for their replicas.
const PORTS_EACH: u16 = 10;

/// How many ports everything but the gateway has for itself.
const PORTS: u16 = PORTS_EACH * (SERVICES.len() as u16 + 1);

/// Where the home of the ecosystem that runs is found in its data folder.
const CURRENT: &str = "current";

/// The home of the ecosystem that ran last in this data folder; the folder itself where none did.
pub(crate) fn current_home(data: &Path) -> PathBuf {
    let current = data.join(CURRENT);
    if current.exists() { current } else { data.to_owned() }
}

/// The layout of one ecosystem.
pub(crate) struct Plan {
    pub(crate) data: PathBuf,
    pub(crate) gateway_port: u16,
    /// NATS listens here, PostgreSQL on the next port, and the services from ten further on.
    pub(crate) base_port: u16,
    pub(crate) postgres: bool,
    /// How many processes of a service there are, where it is not one.
    pub(crate) replicas: BTreeMap<String, u16>,
    pub(crate) operators: Vec<String>,
    /// Put the demo market there after the first start.
    pub(crate) seed: bool,
}

/// Where PostgreSQL listens: beside NATS.
pub(crate) const fn postgres_port(base_port: u16) -> u16 {
    base_port + 1
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
    /// What belongs to the databases: themselves, the events and the search index that came from them, and what was put into them. SQLite's
    /// and PostgreSQL's are apart, so that one ecosystem never hears the other's events.
    pub(crate) fn home(&self) -> PathBuf {
        self.data.join(if self.postgres { "postgres" } else { "sqlite" })
    }

    /// Makes the home, and a link to it that says which of them runs.
    pub(crate) fn settle(&self) -> Result<()> {
        let (home, link) = (self.home(), self.data.join(CURRENT));
        fs::create_dir_all(&home).with_context(|| format!("making {}", home.display()))?;
        if link.is_symlink() {
            fs::remove_file(&link)?;
        }
        symlink(home.file_name().context("the home has a name")?, &link).with_context(|| format!("linking {}", link.display()))
    }

    pub(crate) fn nats_url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.base_port)
    }

    pub(crate) fn postgres_port(&self) -> u16 {
        postgres_port(self.base_port)
    }

    /// Reads `order=2`.
    pub(crate) fn parse_replicas(list: &[String]) -> Result<BTreeMap<String, u16>> {
        let mut replicas = BTreeMap::new();
        for item in list {
            let parts = item.split_once('=');
            let (service, count) = parts.with_context(|| format!("`{item}` is not of the form order=2"))?;
            ensure!(SERVICES.contains(&service), "there is no service `{service}` to have replicas");
            let count = count.parse().ok().filter(|count| (1..=8).contains(count));
            let count = count.with_context(|| format!("`{item}`: between 1 and 8 replicas"))?;
            replicas.insert(service.to_owned(), count);
        }
        Ok(replicas)
    }

    /// Refuses ports that there are not, and a port for two.
    pub(crate) fn check_ports(&self) -> Result<()> {
        let (first, gateway) = (self.base_port, self.gateway_port);
        let last = first.checked_add(PORTS - 1);
        let last =
            last.with_context(|| format!("from port {first} on there are not the {PORTS} that are needed; choose a lower BASE_PORT"))?;
        ensure!(
            !(first..=last).contains(&gateway),
            "the gateway's port {gateway} is among {first} to {last}, which are for everything else; choose another PORT or BASE_PORT"
        );
        Ok(())
    }

    fn replicas_of(&self, service: &str) -> u16 {
        self.replicas.get(service).copied().unwrap_or(1)
    }

    fn port(&self, service: &str, replica: u16) -> u16 {
        if service == GATEWAY {
            return self.gateway_port;
        }
        let place = SERVICES
            .iter()
            .position(|name| *name == service)
            .expect("only our own services are asked for");
        self.base_port + PORTS_EACH * (1 + u16::try_from(place).expect("there are few services")) + replica
    }

    fn database(&self, service: &str) -> String {
        if self.postgres {
            format!("postgres://postgres@127.0.0.1:{}/{service}", self.postgres_port())
        } else {
            format!("sqlite:{}", self.home().join(format!("{service}.db")).display())
        }
    }

    /// Every process, with the environment that configures it.
    pub(crate) fn processes(&self, keys: &Keys) -> Result<Vec<Process>> {
        let public = keys.public()?;
        let mut processes = Vec::new();
        for service in all() {
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
            // What the allocator needs no more, such as the memory of a hashed password, goes back to the system at once.
            ("MIMALLOC_ARENA_PURGE_MULT".to_owned(), "0".to_owned()),
        ];
        if service != GATEWAY {
            environment.push(("TRADEWIND__DATABASE".to_owned(), self.database(service)));
        }
        for (name, key) in public {
            environment.push((format!("TRADEWIND__SERVICE_KEYS__{}", name.to_uppercase()), key.clone()));
        }
        for peer in SERVICES {
            let urls: Vec<String> = (0..self.replicas_of(peer))
                .map(|replica| format!("http://127.0.0.1:{}", self.port(peer, replica)))
                .collect();
            environment.push((format!("TRADEWIND__PEERS__{}", peer.to_uppercase()), urls.join(",")));
        }
        match service {
            "identity" => {
                environment.push(("TRADEWIND__IDENTITY__KEY_SECRET".to_owned(), keys.identity_secret.clone()));
                let operators = self.operators.iter().map(|email| format!("{email}:{PASSWORD}"));
                environment.push(("TRADEWIND__IDENTITY__OPERATORS".to_owned(), operators.collect::<Vec<_>>().join(",")));
            }
            // Each process has an index of its own, which a second start finds again.
            "catalog" => environment.push((
                "TRADEWIND__CATALOG__INDEX_FOLDER".to_owned(),
                self.home().join(format!("catalog-index-{replica}")).display().to_string(),
            )),
            "payment" => environment.extend([
                ("TRADEWIND__PAYMENT__SANDBOX".to_owned(), "true".to_owned()),
                ("TRADEWIND__PAYMENT__SANDBOX_WEBHOOK_SECRET".to_owned(), keys.webhook_secret.clone()),
            ]),
            "logistics" => environment.extend([
                ("TRADEWIND__LOGISTICS__SANDBOX".to_owned(), "true".to_owned()),
                (
                    "TRADEWIND__LOGISTICS__CARRIERS__SANDBOX__SECRET".to_owned(),
                    keys.webhook_secret.clone(),
                ),
            ]),
            // Everybody comes from this machine's one address.
            GATEWAY => environment.push(("TRADEWIND__GATEWAY__REQUESTS_PER_SECOND_PER_ADDRESS".to_owned(), "0".to_owned())),
            _ => {}
        }
        environment
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_that_there_are_not_and_a_port_for_two_are_refused() {
        let check = |base_port, gateway_port| {
            let plan = Plan {
                data: PathBuf::new(),
                gateway_port,
                base_port,
                postgres: true,
                replicas: BTreeMap::new(),
                operators: Vec::new(),
                seed: false,
            };
            plan.check_ports().map_err(|error| error.to_string())
        };
        assert_eq!(check(7_100, 8_080), Ok(()));
        assert_eq!(check(65_466, 8_080), Ok(()));
        assert!(check(65_467, 8_080).unwrap_err().contains("choose a lower BASE_PORT"));
        for gateway in [7_100, 7_101, 7_169] {
            assert!(check(7_100, gateway).unwrap_err().contains("choose another PORT"));
        }
        assert_eq!(check(7_100, 7_170), Ok(()));
    }
}
