/// x
package enum Science {}
