"""Every broken variant by its name."""

from tests.faults import teeth_variants_account, teeth_variants_orders, teeth_variants_watch
from tests.faults.teeth_patches import Variant

VARIANTS: dict[str, Variant] = {
    each.name: each
    for each in (
        *teeth_variants_orders.VARIANTS,
        *teeth_variants_watch.VARIANTS,
        *teeth_variants_account.VARIANTS,
    )
}
