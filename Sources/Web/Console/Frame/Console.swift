import Engine
import Foundation
import Logging
import Mustache

/// The console: server-rendered pages for the people who work with the brand.
///
/// Invariants of this room: a page handler is only reached through `ConsoleGate`, which has found a living session
/// whose role has the page's permission, and for every change the session's CSRF token; handlers build one page model,
/// and templates decide nothing beyond presence; there is no SQL here, only reads and commands of the engine.
package struct Console: Sendable {
    package let platform: Platform
    package let configuration: Configuration
    let templates: MustacheLibrary
    let strings: StringCatalogues
    let assets: AssetStore
    /// Who watches live events.
    let liveSeats = LiveSeats()
    let signOn: SignOnProvider
    let panels = RunningPanels()

    package struct Configuration: Sendable {
        /// Marks cookies `Secure`: set when the console is reached over HTTPS.
        package var secureCookies: Bool
        /// Where htmx and ECharts were fetched to.
        package var fetchedFolder: String
        /// Where uploaded files wait for their import.
        package var uploadFolder: String
        /// Shows `/console/design`.
        package var development: Bool
        /// The program's version, shown on the status page.
        package var version: String
        /// Places what is replayed out of quarantine; nil: it has no region but what SDKs say.
        package var regions: RegionFile?
        /// Who carries messages, and how they are reached.
        package var providers: ProviderCatalog

        package init(
            secureCookies: Bool = false, fetchedFolder: String = Configuration.defaultFetchedFolder,
            uploadFolder: String, development: Bool = false, version: String = "",
            regions: RegionFile? = nil, providers: ProviderCatalog = .live()
        ) {
            self.secureCookies = secureCookies
            self.fetchedFolder = fetchedFolder
            self.uploadFolder = uploadFolder
            self.development = development
            self.version = version
            self.regions = regions
            self.providers = providers
        }

        /// `$PERENNIAL_CACHE`, or `~/.cache/perennial`.
        package static var defaultFetchedFolder: String {
            let environment = ProcessInfo.processInfo.environment
            return environment["PERENNIAL_CACHE"] ?? (environment["HOME"] ?? "/tmp") + "/.cache/perennial"
        }
    }

    /// Reads templates, texts and assets. Throws: `ConsoleFault`, or what the template parser says of a file.
    package init(
        platform: Platform, configuration: Configuration, signOn: SignOnProvider = SignOnProvider()
    ) async throws {
        self.platform = platform
        self.configuration = configuration
        self.signOn = signOn
        guard let resources = Bundle.module.resourcePath else {
            throw ConsoleFault.missingResources("Web")
        }
        templates = try await MustacheLibrary(directory: resources + "/Templates")
        strings = try StringCatalogues(folder: resources + "/Strings", languages: Workspace.languages)
        assets = try AssetStore(
            ownFolder: resources + "/Assets", fetchedFolder: configuration.fetchedFolder)
    }

    /// The same pages over another platform, without reading them again.
    init(pagesOf other: Console, platform: Platform, configuration: Configuration) {
        self.platform = platform
        self.configuration = configuration
        (signOn, templates, strings, assets) = (other.signOn, other.templates, other.strings, other.assets)
    }

    /// Renders a template. A missing template is a fault that the tests find.
    func render(_ template: String, _ context: PageContext) -> String {
        templates.render(context, withTemplate: template) ?? ""
    }
}

/// What a template sees: the frame, the texts of the visitor's language, and the page model.
struct PageContext {
    var chrome: Chrome
    var t: [String: [String: String]]
    var page: any PageModel
}

/// One page's facts, formatted: plain fields that its template shows.
package protocol PageModel: Encodable, Sendable {}

/// A page that needs no facts.
struct EmptyModel: PageModel {}
