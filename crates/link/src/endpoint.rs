//! How an endpoint is bound: own relays only, no resumption, bounded.

use crate::{admit, limits, pins, watch, LinkError, RelayAddr, Settings};
use iog_job::{
    wire::{ALPN, ALPN_TICKET},
    ALPN_MESH, ALPN_MESH_PRIVATE,
};
use iroh::{
    dns::{DnsResolver, FallbackMode},
    endpoint::{
        presets, PortmapperConfig, QuicTransportConfig, QuicTransportConfigBuilder, VarInt,
    },
    Endpoint, NetReportConfig, RelayConfig, RelayMap, RelayMode, RelayUrl, SecretKey,
};
use iroh_relay::RelayQuicConfig;
use std::{sync::Arc, time::Duration};

/// Addresses of one peer that are tried. redteam L3
const CANDIDATES: u8 = 16;

/// Binds it; contacts the relays of the settings and nobody else.
pub(crate) async fn bind(
    seed: &[u8; 32],
    settings: &Settings,
) -> Result<(Endpoint, Vec<RelayUrl>), LinkError> {
    let token = watch::token();
    let map = RelayMap::empty();
    let mut relays = Vec::new();
    for relay in &settings.relays {
        let url = relay.relay_url()?;
        map.insert(url.clone(), Arc::new(config_of(relay, &url, &token)));
        relays.push(url);
    }
    let mut builder = Endpoint::builder(presets::Minimal)
        .secret_key(SecretKey::from_bytes(seed))
        .alpns(
            [ALPN, ALPN_TICKET, ALPN_MESH, ALPN_MESH_PRIVATE]
                .map(<[u8]>::to_vec)
                .to_vec(),
        )
        .relay_mode(if relays.is_empty() {
            RelayMode::Disabled
        } else {
            RelayMode::Custom(map)
        })
        .ca_tls_config(pins::tls_config(&settings.relays)?)
        .dns_resolver(
            DnsResolver::builder()
                .with_system_defaults()
                .with_fallback_mode(FallbackMode::Never)
                .build(),
        )
        .portmapper_config(PortmapperConfig::Disabled)
        .net_report_config(net_report())
        // No session is resumed: there is no early data that could be replayed. redteam L5
        .max_tls_tickets(0)
        .transport_config(transport().build());
    if settings.relay_only || settings.bind.is_some() {
        builder = builder.clear_ip_transports();
    }
    if let Some(addr) = settings.bind.filter(|_| !settings.relay_only) {
        builder = builder
            .bind_addr(addr)
            .map_err(|error| LinkError::Bind(error.to_string()))?;
    }
    let bound = builder.bind().await;
    let endpoint = bound.map_err(|error| LinkError::Bind(format!("{error:#}")))?;
    Ok((endpoint, relays))
}

fn config_of(relay: &RelayAddr, url: &RelayUrl, token: &str) -> RelayConfig {
    let discovery = relay.quic_port.map(RelayQuicConfig::new);
    RelayConfig::new(url.clone(), discovery).with_auth_token(token)
}

fn net_report() -> NetReportConfig {
    let mut config = NetReportConfig::default();
    config.captive_portal_check = false;
    config
}

pub(crate) fn transport() -> QuicTransportConfigBuilder {
    let idle = Duration::from_secs(20).try_into();
    QuicTransportConfig::builder()
        .max_idle_timeout(idle.ok())
        .default_path_max_idle_timeout(Duration::from_secs(6))
        .default_path_keep_alive_interval(Duration::from_secs(2))
        .max_concurrent_bidi_streams(VarInt::from_u32(limits::STREAMS))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .receive_window(VarInt::from_u32(admit::RECEIVE_WINDOW))
        // A burst that loses every other packet of 1,160 bytes leaves 904 pieces: the library closes the connection over 1,024.
        .stream_receive_window(VarInt::from_u32(2 << 20))
        .send_window(u64::from(admit::RECEIVE_WINDOW))
        .datagram_receive_buffer_size(None)
        .max_remote_nat_traversal_addresses(CANDIDATES)
}

/// Datagrams of a mesh that came and were not taken yet, in bytes.
const DATAGRAMS: usize = 4 << 20;
/// A fellow device that fell silent is given up after so long, and dialled again at the next packet.
const MEMBER_IDLE: Duration = Duration::from_secs(5);

pub(crate) fn transport_of(alpn: &[u8]) -> QuicTransportConfig {
    if alpn == ALPN_MESH || alpn == ALPN_MESH_PRIVATE {
        return mesh_transport(alpn == ALPN_MESH_PRIVATE);
    }
    transport().build()
}

/// Datagrams and one stream. Private: all packets with data have the size that every path carries. redteam mesh M7
pub(crate) fn mesh_transport(private: bool) -> QuicTransportConfig {
    let config = transport()
        .max_idle_timeout(MEMBER_IDLE.try_into().ok())
        .default_path_keep_alive_interval(Duration::from_secs(1))
        .max_concurrent_bidi_streams(VarInt::from_u32(1))
        .receive_window(VarInt::from_u32(64 << 10))
        .stream_receive_window(VarInt::from_u32(16 << 10))
        .datagram_receive_buffer_size(Some(DATAGRAMS))
        .datagram_send_buffer_size(1 << 20);
    match private {
        true => config.pad_to_mtu(true).mtu_discovery_config(None).build(),
        false => config.build(),
    }
}
