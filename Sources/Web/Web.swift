import Mustache
import Hummingbird
import Engine
